import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { runCommandLine } from './run-command-line.js';

let folder: string;
let config: string;

/** Runs one command; what it printed, and its exit code. */
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

const lastJson = (out: string) => JSON.parse(out.trimEnd().split('\n').at(-1) as string);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-trainer-'));
  config = join(folder, 'tiny.yaml');
  await writeFile(
    config,
    `
name: tiny
runs: runs
data:
  annotations: scenes/annotations.json
  images: scenes/images
  objects: scenes/objects.json
  synthesize: { directory: scenes, seed: 2, imageSize: 96, train: 8, val: 4, testA: 3, testB: 3 }
model: { width: 0.03125, inputSize: 96, classes: 64, anchorsPerImage: 4, attentionLayers: 1, textHidden: 16, maxTokens: 8 }
wordVectors: { dimension: 8 }
detector: { weights: null, cache: { directory: cache } }
training: { epochs: 2, batchSize: 4, warmupSteps: 2, learningRate: 0.001 }
pretraining: { epochs: 1, batchSize: 4, output: detector.safetensors }
`,
  );
});

test('start, evaluate and ground hold their contracts; equal seeds give equal numbers', async () => {
  const first = await run('start', '--config', config, '--run', join(folder, 'first'), '--json');
  expect(first.errors).not.toContain('error');
  expect(first.code).toBe(0);
  const started = lastJson(first.out);
  expect(Object.keys(started)).toEqual(['command', 'run', 'weights', 'seconds', 'splits', 'baselines']);
  expect(Object.keys(started.splits)).toEqual(['val', 'testA', 'testB']);
  expect(Object.keys(started.baselines.val)).toEqual(['randomAnchor', 'mostConfident', 'bestAnchor']);
  const files = await readdir(join(folder, 'first'));
  expect(files.sort()).toEqual(
    [
      'checkpoints',
      'config.yaml',
      'log.jsonl',
      'predictions-testA.jsonl',
      'predictions-testB.jsonl',
      'predictions-val.jsonl',
      'report.html',
    ].sort(),
  );
  expect((await readdir(join(folder, 'first/checkpoints'))).sort()).toEqual(['best.safetensors', 'last.safetensors']);

  const second = lastJson((await run('start', '--config', config, '--run', join(folder, 'second'), '--json')).out);
  expect(second.splits).toEqual(started.splits);
  const log = async (name: string) =>
    (await readFile(join(folder, name, 'log.jsonl'), 'utf8')).replace(/"seconds":[\d.]+/g, '');
  expect(await log('second')).toBe(await log('first'));

  const evaluated = await run(
    'evaluate',
    '--config',
    config,
    '--weights',
    started.weights,
    '--json',
    '--out',
    join(folder, 'all.jsonl'),
  );
  expect(evaluated.code).toBe(0);
  expect(lastJson(evaluated.out).splits).toEqual(started.splits);
  expect(lastJson(evaluated.out).baselines).toEqual(started.baselines);

  const image = join(folder, 'scenes/images/9.jpg');
  const grounded = await run(
    'ground',
    '--weights',
    started.weights,
    '--image',
    image,
    '--out',
    join(folder, 'boxed.png'),
    '--json',
    'red star',
    'left one',
  );
  expect(grounded.code).toBe(0);
  const { results, width, height } = lastJson(grounded.out);
  expect([width, height, results.length]).toEqual([96, 96, 2]);
  expect(Object.keys(results[0])).toEqual(['expression', 'box', 'score', 'confidence']);
  expect((await stat(join(folder, 'boxed.png'))).size).toBeGreaterThan(1000);
});

test('pretrain writes a detector that start accepts', async () => {
  const pretrained = await run('pretrain', '--config', config, '--json');
  expect(pretrained.code, pretrained.errors).toBe(0);
  const { weights } = lastJson(pretrained.out);
  const started = await run(
    'start',
    '--config',
    config,
    '--run',
    join(folder, 'third'),
    '--set',
    `detector.weights=${weights}`,
    '--set',
    'training.epochs=1',
    '--json',
  );
  expect(started.code, started.errors).toBe(0);
  const narrow = await run(
    'start',
    '--config',
    config,
    '--run',
    join(folder, 'none'),
    '--set',
    `detector.weights=${weights}`,
    '--set',
    'model.width=0.0625',
  );
  expect(narrow.code).toBe(1);
  expect(narrow.errors).toContain('weights do not fit the model');
});

test('wrong usage and configuration exit with 2, each with one clear message', async () => {
  const unknown = await run('start', '--config', config, '--set', 'training.epoch=3');
  expect(unknown.code).toBe(2);
  expect(unknown.errors).toContain('did you mean "training.epochs"');
  expect((await run('start', '--confg', config)).code).toBe(2);
  expect((await run('ground', '--image', 'x.jpg', 'red star')).errors).toContain('--weights');
  expect((await run('dance')).code).toBe(2);
  expect((await run('start', '--help')).code).toBe(0);
});

test('missing files, broken images, missing boxes and foreign weights exit with 1 and leave nothing behind', async () => {
  expect((await run('start', '--config', join(folder, 'none.yaml'))).errors).toContain('none.yaml');
  const images = join(folder, 'broken');
  await mkdir(images);
  const annotations = join(folder, 'broken.json');
  const record = { iid: 9, bbox: [1, 2, 30, 40], cat_id: 0, refs: ['red star'], mask_id: 0 };
  const good = await readFile(join(folder, 'scenes/images/9.jpg'));
  const own = [
    '--set',
    'data.synthesize=null',
    '--set',
    `data.annotations=${annotations}`,
    '--set',
    `data.images=${images}`,
  ];
  const target = join(folder, 'failed');
  const start = () => run('start', '--config', withoutScenes, ...own.slice(2), '--run', target);
  const withoutScenes = join(folder, 'own.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(withoutScenes, text.replace(/ {2}synthesize: .*\n/, ''));

  const splits = (val: object) =>
    JSON.stringify({ train: Array(4).fill(record), val: [val], testA: [record], testB: [record] });
  await writeFile(annotations, splits(record));
  const missing = await start();
  expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining('image 9 is not in')]);

  await writeFile(join(images, '9.jpg'), good.subarray(0, good.length - 300));
  const truncated = await start();
  expect([truncated.code, truncated.errors]).toEqual([1, expect.stringContaining('9.jpg')]);

  await writeFile(join(images, '9.jpg'), good);
  await writeFile(annotations, splits({ ...record, bbox: undefined }));
  const boxless = await start();
  expect([boxless.code, boxless.errors]).toEqual([1, expect.stringContaining('val 0: no box')]);

  await writeFile(join(folder, 'text.safetensors'), 'no weights');
  const foreign = await run('evaluate', '--config', config, '--weights', join(folder, 'text.safetensors'));
  expect([foreign.code, foreign.errors]).toEqual([1, expect.stringContaining('text.safetensors')]);
  const leftovers = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.tmp'));
  expect(leftovers).toEqual([]);
  expect(await readdir(join(target, 'checkpoints')).catch(() => [])).toEqual([]);
});
