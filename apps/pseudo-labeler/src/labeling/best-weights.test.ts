import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainerConfig } from '@refclip/app-shared';
import { encodeSafetensors, writePieces } from '@refclip/formats';
import { expect, test } from 'vitest';
import { bestWeights } from './best-weights.js';

test('takes the run of highest accuracy, not the newest; unknown ones come last', async () => {
  const runs = await mkdtemp(join(tmpdir(), 'refclip-runs-'));
  const add = async (run: string, time: number, notes: Readonly<Record<string, string>>) => {
    await mkdir(join(runs, run, 'checkpoints'), { recursive: true });
    await writeFile(join(runs, run, 'config.yaml'), 'name: own\n');
    const file = join(runs, run, 'checkpoints', 'best.safetensors');
    const tensor = { shape: [1], dtype: 'F32', data: Float32Array.of(1) } as const;
    await writePieces(file, [encodeSafetensors({ tensor }, notes)]);
    await utimes(file, time, time);
    return file;
  };
  const config = { runs, name: 'own' } as TrainerConfig;
  await add('old-unknown', 1000, {});
  const unknown = await add('unknown', 4000, { 'held-outAccuracy': 'null' });
  expect(await bestWeights(config)).toEqual({ file: unknown, accuracy: null });
  const good = await add('good', 2000, { valAccuracy: '71.6' });
  await add('short', 3000, { valAccuracy: '54' });
  expect(await bestWeights(config)).toEqual({ file: good, accuracy: 71.6 });
  await rm(runs, { recursive: true });
});
