import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importWeights, loadConfig, loadVocabulary } from '@refclip/app-shared';
import { exportTorch } from '@refclip/referring';
import { findPython } from '@refclip/testing/find-python';
import { expect, test } from 'vitest';

/** A Python with PyTorch; a peer, not a requirement: without one this file is skipped. */
const python = findPython(['torch']);
const script = join(import.meta.dirname, 'official-checkpoint.py');
const shapes = join(import.meta.dirname, '../../../packages/core/src/model/__fixtures__/state-dict-refcoco.json');

test.skipIf(!python)('a full-size checkpoint of PyTorch comes in and goes back to it to the bit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-official-'));
  try {
    const record = { iid: 1, bbox: [1, 2, 3, 4], cat_id: 0, refs: ['the left zebra'], mask_id: 0 };
    await writeFile(join(folder, 'annotations.json'), JSON.stringify({ train: [record], val: [record] }));
    await writeFile(
      join(folder, 'full.yaml'),
      'name: full\nruns: runs\ndata: { annotations: annotations.json, images: . }\ndetector: { weights: null, cache: { directory: cache } }\n',
    );
    const config = await loadConfig(join(folder, 'full.yaml'), [], folder);
    const { size } = await loadVocabulary(config);
    const peer = (command: string) =>
      execFileSync(python as string, [script, command, folder, shapes, String(size)], { encoding: 'utf8' });
    peer('write');
    const output = join(folder, 'imported.safetensors');
    const imported = await importWeights(config, { weights: join(folder, 'official.pth'), output });
    expect(imported).toEqual({ holds: 'checkpoint', tensors: 591 });
    expect(await exportTorch(output, join(folder, 'back.pth'))).toBe(591);
    const compared = JSON.parse(peer('compare'));
    console.log(compared);
    expect(compared).toMatchObject({ epoch: 7, tensors: 591, returned: 591, same: 591, projections: 12 });
    expect(compared.elements).toBeGreaterThan(1e8);
  } finally {
    await rm(folder, { recursive: true });
  }
});
