import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assertInputFiles } from './assert-input-files.js';
import { configSchema } from './config-schema.js';

const configWith = (annotations: string, images: string, weights: string | null) =>
  configSchema.parse({
    name: 'files',
    runs: 'runs',
    data: { annotations, images },
    detector: { weights, cache: { directory: 'cache' } },
  });

it('accepts files that are there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'input-files-'));
  const annotations = join(folder, 'annotations.json');
  await writeFile(annotations, '{}');
  await expect(assertInputFiles(configWith(annotations, folder, null), true)).resolves.toBeUndefined();
});

it('names all that are missing, each with its entry', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'input-files-'));
  const error = await assertInputFiles(
    configWith(join(folder, 'none.json'), folder, join(folder, 'none.safetensors')),
    true,
  ).catch((cause: unknown) => cause);
  expect((error as Error).message).toBe(
    `2 of the configured files cannot be used:\n  data.annotations: ${join(folder, 'none.json')} does not exist\n  detector.weights: ${join(folder, 'none.safetensors')} does not exist\nPut them there, or change the configuration (--set data.annotations=PATH).`,
  );
});

it('asks for no weights where a finished model brings its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'input-files-'));
  await expect(
    assertInputFiles(configWith(folder, folder, join(folder, 'none.safetensors')), false),
  ).resolves.toBeUndefined();
});
