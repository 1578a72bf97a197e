import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, readSafetensors, writePieces } from '@refclip/formats';
import { hostTensor } from '@refclip/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTrainingState, saveTrainingState } from './training-state.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-state-'));
});
afterAll(() => rm(folder, { recursive: true }));

const progress = {
  step: 7,
  epoch: 2,
  bestEpoch: 1,
  bestValue: 71.5,
  means: { loss: 1.5 },
  logs: { log: 9 },
  fingerprint: 'f',
};

test.each([
  [71.5, 71.5],
  [-1, null],
])('a state that an earlier version saved with bestAccuracy %d resumes', async (bestAccuracy, bestValue) => {
  const file = join(folder, `old${bestAccuracy}.safetensors`);
  await saveTrainingState(file, { progress, tensors: { weight: hostTensor(Float32Array.of(1, 2), [2]) } });
  const { metadata } = await readSafetensors(file);
  const { bestValue: _, ...old } = progress;
  const written = { ...metadata, progress: JSON.stringify({ ...old, bestAccuracy }) };
  const weight = { shape: [2], dtype: 'F32', data: Float32Array.of(1, 2) } as const;
  await writePieces(file, [encodeSafetensors({ weight }, written)]);
  const state = await loadTrainingState(file);
  expect(state.progress).toEqual({ ...progress, bestValue });
  expect(state.tensors.weight?.data).toEqual(Float32Array.of(1, 2));
});

test('what is no progress is refused', async () => {
  const file = join(folder, 'none.safetensors');
  const weight = { shape: [1], dtype: 'F32', data: Float32Array.of(1) } as const;
  const { bestValue: _, ...lacking } = progress;
  const metadata = { format: 'refclip-training-1', progress: JSON.stringify(lacking) };
  await writePieces(file, [encodeSafetensors({ weight }, metadata)]);
  await expect(loadTrainingState(file)).rejects.toThrow('no state of a training run');
});
