import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from '@refclip/testing/find-python';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openTrainingLog } from '../src/training/training-log.js';

/** A Python with the package `tensorboard`; a peer, not a requirement: without one this file is skipped. */
const python = findPython(['tensorboard']);

test.skipIf(!python)('TensorBoard reads scalars and images as they were written, also after a resume', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-tensorboard-'));
  try {
    const create = { width: 40, height: 30, channels: 3, background: '#336699' } as const;
    const png = await sharp({ create }).png().toBuffer();
    const first = await openTrainingLog(folder);
    for (const step of [1, 2, 3])
      first.write(step, { step, epoch: 1, loss: 1 / step, learningRate: 1e-7 * step }, 'train');
    first.writeImages(3, { 'val/a dog, à gauche': { png, width: 40, height: 30 } });
    const { lengths } = first;
    first.write(4, { step: 4, epoch: 1, loss: 9 }, 'train');
    first.close();
    const resumed = await openTrainingLog(folder, lengths);
    resumed.write(4, { step: 4, epoch: 1, loss: 0.25, learningRate: 4e-7 }, 'train');
    resumed.write(4, { epoch: 1, valAccuracy: 61.5, none: undefined }, 'epoch');
    resumed.close();
    const read = JSON.parse(
      execFileSync(python as string, [join(import.meta.dirname, 'read-events.py'), folder], { encoding: 'utf8' }),
    );
    expect(read.scalars['train/loss']).toEqual([1, 2, 3, 4].map((step) => [step, Math.fround(1 / step)]));
    expect(read.scalars['train/learningRate']).toEqual([1, 2, 3, 4].map((step) => [step, Math.fround(1e-7 * step)]));
    expect(read.scalars['epoch/valAccuracy']).toEqual([[4, 61.5]]);
    expect(Object.keys(read.scalars)).toHaveLength(3);
    expect(read.images).toEqual({ 'val/a dog, à gauche': [[3, 40, 30, 40, 30]] });
  } finally {
    await rm(folder, { recursive: true });
  }
});
