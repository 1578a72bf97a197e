import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRefClip, refClipKind } from '@refclip/core';
import { initializeParameters } from '@refclip/nn';
import { loadCheckpoint, saveCheckpoint } from '@refclip/referring';
import { Vocabulary } from '@refclip/text';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { runCommandLine } from './run-command-line.js';

// Disks and folders that refuse, and files that cross from the packages to the commands and back.

const disk = vi.hoisted(() => ({ free: Number.POSITIVE_INFINITY }));
vi.mock('@refclip/app-shared', async (original) => ({
  ...(await original<typeof import('@refclip/app-shared')>()),
  freeBytes: async () => disk.free,
}));

let folder: string;
let config: string;
let weights: string;
let image: string;

async function run(...words: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
  try {
    const code = await runCommandLine(words);
    return { code, out: out.join(''), errors: errors.join('') };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-faults-'));
  await writeFile(join(folder, 'file'), '');
  image = join(folder, 'photo.png');
  await sharp({ create: { width: 40, height: 30, channels: 3, background: '#777' } }).toFile(image);
  config = join(folder, 'tiny.yaml');
  await writeFile(
    config,
    `
name: tiny
runs: runs
data:
  annotations: scenes/annotations.json
  images: scenes/images
  synthesize: { directory: scenes, seed: 2, imageSize: 64, train: 8, val: 3, testA: 2, testB: 2 }
  workers: 0
model: { width: 0.03125, inputSize: 64, classes: 64, anchorsPerImage: 3, attentionLayers: 1, textHidden: 16, maxTokens: 6 }
wordVectors: { dimension: 8 }
detector: { weights: null, cache: { directory: cache } }
training: { epochs: 1, batchSize: 4, warmupSteps: 1, learningRate: 0.001 }
`,
  );
  // By the packages alone, as somebody without this application would.
  const vocabulary = Vocabulary.fromExpressions(['the red star']);
  const options = {
    words: vocabulary.size,
    width: 1 / 32,
    inputSize: 64,
    classes: 2,
    anchorsPerImage: 2,
    textHidden: 8,
  };
  const model = createRefClip({ ...options, wordDimension: 3, maxTokens: 4 });
  weights = join(folder, 'own.safetensors');
  await saveCheckpoint(weights, { model, values: initializeParameters(model.parameters, 1), vocabulary, notes: {} });
});
beforeEach(() => {
  disk.free = Number.POSITIVE_INFINITY;
});
afterAll(() => rm(folder, { recursive: true }));

const ground = (...words: string[]) => run('ground', '--weights', weights, '--image', image, ...words);

test('a checkpoint that the packages wrote is answered from, into a folder that was not there', async () => {
  const out = join(folder, 'new/deep/boxed.png');
  const { code, out: said, errors } = await ground('--out', out, 'the red star');
  expect(code, errors).toBe(0);
  expect(said).toContain(`picture: ${out}`);
  expect((await sharp(out).metadata()).width).toBe(40);
});

test('a picture that cannot be written costs nobody the answer', async () => {
  const { code, out, errors } = await ground('--out', join(folder, 'file/boxed.png'), '--json', 'the red star');
  expect([code, errors]).toEqual([1, expect.stringContaining('a part of the path is a file')]);
  expect(errors).not.toContain('please report');
  expect(JSON.parse(out.trimEnd().split('\n').at(-1) as string).results[0].box).toHaveLength(4);
});

test('a run folder that cannot be made is told as such, and one that the disk has no room for is gone again', async () => {
  const blocked = await run('start', '--config', config, '--run', join(folder, 'file/run'));
  expect([blocked.code, blocked.errors]).toEqual([1, expect.stringContaining('a part of the path is a file')]);
  expect(blocked.errors).not.toContain('please report');

  const path = join(folder, 'full');
  await mkdir(path);
  await writeFile(join(path, 'mine.txt'), '');
  disk.free = 1 << 16;
  const full = await run('start', '--config', config, '--run', path);
  expect([full.code, full.errors]).toEqual([
    2,
    expect.stringMatching(/the run needs \d+ MiB in .*full; 64 KiB are free/),
  ]);
  expect(await readdir(path)).toEqual(['mine.txt']);

  disk.free = 2 ** 40;
  const { code, errors } = await run('start', '--config', config, '--run', path);
  expect(code, errors).toBe(0);
  expect(errors).toMatch(/run folder: up to \d+ MiB in .*full, 1024.0 GiB free/);
  // And back: the packages read what the trainer wrote.
  const { model, notes } = await loadCheckpoint(join(path, 'checkpoints/best.safetensors'), {
    refclip: refClipKind,
  });
  expect([model.name, notes.config]).toEqual(['refclip', 'tiny']);
});
