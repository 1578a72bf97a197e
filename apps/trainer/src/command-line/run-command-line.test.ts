import { copyFile, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCheckpoint } from '@refclip/app-shared';
import { runCli } from '@refclip/eval/files';
import { decodeImage, letterboxPixels } from '@refclip/images';
import { letterboxToImage } from '@refclip/structures';
import { InferenceSession, Tensor } from 'onnxruntime-node';
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
  synthesize: { directory: scenes, seed: 2, imageSize: 64, train: 8, val: 3, testA: 2, testB: 2 }
  workers: 0
model: { width: 0.03125, inputSize: 64, classes: 64, anchorsPerImage: 3, attentionLayers: 1, textHidden: 16, maxTokens: 6 }
wordVectors: { dimension: 8 }
detector: { weights: null, cache: { directory: cache } }
training: { epochs: 1, batchSize: 4, warmupSteps: 1, learningRate: 0.001 }
pretraining: { epochs: 1, batchSize: 4, output: detector.safetensors }
`,
  );
});

/** One training that the tests share. */
let started: {
  readonly weights: string;
  readonly run: string;
  readonly splits: Readonly<Record<string, { readonly accuracy: number; readonly count: number }>>;
  readonly baselines: object;
};

beforeAll(async () => {
  const first = await run('start', '--config', config, '--run', join(folder, 'first'), '--json');
  expect(first.code, first.errors).toBe(0);
  started = lastJson(first.out);
});

test('start writes what its contract says', async () => {
  expect(Object.keys(started)).toEqual(['command', 'run', 'weights', 'seconds', 'splits', 'baselines']);
  expect(Object.keys(started.splits)).toEqual(['val', 'testA', 'testB']);
  expect(Object.values(started.baselines).map(Object.keys)).toEqual(
    Array(3).fill(['randomAnchor', 'mostConfident', 'bestAnchor']),
  );
  const files = (await readdir(started.run)).map((name) => name.replace(/tfevents.*/, 'tfevents'));
  const predictions = ['testA', 'testB', 'val'].map((split) => `predictions-${split}.jsonl`);
  expect(files.sort()).toEqual([
    'checkpoints',
    'config.yaml',
    'events.out.tfevents',
    'log.jsonl',
    ...predictions,
    'report.html',
  ]);
  const report = await readFile(join(started.run, 'report.html'), 'utf8');
  for (const part of [
    'Beside the same boxes',
    'Loss over steps',
    'Accuracy over the IoU threshold',
    'data:image/webp',
  ]) {
    expect(report.includes(part), part).toBe(true);
  }
  const checkpoints = (await readdir(join(started.run, 'checkpoints'))).sort();
  expect(checkpoints).toEqual(['best.safetensors', 'last.safetensors', 'state.safetensors']);
});

/** The last line of `refclip-eval score`. */
async function score(...words: string[]) {
  let [out, error] = ['', ''];
  const streams = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  const code = await runCli(['score', '--json', ...words], streams);
  return { code, error, result: code === 0 ? lastJson(out) : undefined };
}

test("refclip-eval scores the trainer's files with the annotations they were made from", async () => {
  const annotations = join(folder, 'scenes/annotations.json');
  for (const [split, { accuracy, count }] of Object.entries(started.splits)) {
    const predictions = join(started.run, `predictions-${split}.jsonl`);
    for (const more of [[], ['--split', split]]) {
      const { result, error } = await score('--predictions', predictions, '--annotations', annotations, ...more);
      expect(result?.accuracy['0.5'], error).toBeCloseTo(accuracy, 9);
      expect(result).toMatchObject({ count, problems: { missing: { count: 0 }, extra: { count: 0 } } });
    }
    const byName = ['--join', 'image-expression', '--split', split];
    const { result } = await score('--predictions', predictions, '--annotations', annotations, ...byName);
    expect(result.count).toBe(count);
  }
  const changed = join(folder, 'changed.json');
  const { val, ...others } = JSON.parse(await readFile(annotations, 'utf8'));
  await writeFile(changed, JSON.stringify({ ...others, val: [...val].reverse() }));
  const refused = await score('--predictions', join(started.run, 'predictions-val.jsonl'), '--annotations', changed);
  expect([refused.code, refused.error]).toEqual([1, expect.stringContaining('Were the annotations changed since?')]);
});

test('evaluate gives the numbers of start, ground gives boxes, a run is not overwritten', async () => {
  const { weights } = started;
  const out = join(folder, 'all.jsonl');
  const evaluated = await run('evaluate', '--config', config, '--weights', weights, '--json', '--out', out);
  expect(evaluated.code, evaluated.errors).toBe(0);
  expect(lastJson(evaluated.out).splits).toEqual(started.splits);
  expect(lastJson(evaluated.out).baselines).toEqual(started.baselines);
  const scored = await score('--predictions', out, '--annotations', join(folder, 'scenes/annotations.json'));
  const counts = Object.values(started.splits).map(({ count }) => count);
  expect(scored.result?.count, scored.error).toBe(counts.reduce((sum, count) => sum + count));

  const image = join(folder, 'scenes/images/9.jpg');
  const boxed = join(folder, 'boxed.png');
  const grounded = await run(
    'ground',
    '--weights',
    weights,
    '--image',
    image,
    '--out',
    boxed,
    '--json',
    'red star',
    'left one',
  );
  expect(grounded.code, grounded.errors).toBe(0);
  const { results, width, height } = lastJson(grounded.out);
  expect([width, height, results.length]).toEqual([64, 64, 2]);
  expect(Object.keys(results[0])).toEqual(['expression', 'unknownWords', 'box', 'score', 'confidence']);
  expect((await stat(boxed)).size).toBeGreaterThan(1000);

  const exported = join(folder, 'exported');
  const written = await run('export', '--weights', weights, '--out', exported);
  expect(written.code, written.errors).toBe(0);
  const { model } = await loadCheckpoint(weights);
  const { pixels, letterbox } = letterboxPixels(await decodeImage(image), model.inputSize);
  const description = JSON.parse(await readFile(join(exported, 'model.json'), 'utf8'));
  const ids = ['red', 'star'].map((word) => description.vocabulary.indexOf(word));
  expect(ids.every((id) => id > 2)).toBe(true);
  const tokens = Int32Array.from({ length: model.maxTokens }, (_, i) => ids[i] ?? 0);
  const session = (name: string) => InferenceSession.create(join(exported, name));
  const side = model.inputSize;
  const encoded = await (await session('image.onnx')).run({ images: new Tensor('uint8', pixels, [1, side, side, 3]) });
  const { box: answer } = await (await session('locate.onnx')).run({
    ...encoded,
    tokens: new Tensor('int32', tokens, [1, tokens.length]),
  });
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = (answer?.data ?? []) as Float32Array;
  const box = letterboxToImage([x1, y1, x2, y2], letterbox);
  expect(box).toBeAllClose(results[0].box, { rtol: 1e-4, atol: 1e-3 });

  const bytes = join(folder, 'exported-int8');
  const calibrate = ['--int8', '--calibrate', join(folder, 'scenes/images')];
  const small = await run('export', '--weights', weights, '--out', bytes, ...calibrate, '--json');
  expect(small.code, small.errors).toBe(0);
  expect(lastJson(small.out)).toMatchObject({ precision: 'int8' });
  expect(small.errors).toContain('calibrated on 15 images');
  expect(JSON.parse(await readFile(join(bytes, 'model.json'), 'utf8')).precision).toBe('int8');
  const feeds = { images: new Tensor('uint8', pixels, [1, side, side, 3]) };
  const rounded = await (await InferenceSession.create(join(bytes, 'image.onnx'))).run(feeds);
  // Narrow maps of 64 pixels: the kept cells may be others, their boxes are of the same image.
  expect(rounded.boxes?.dims).toEqual(encoded.boxes?.dims);
  expect(Array.from(rounded.boxes?.data as Float32Array).every(Number.isFinite)).toBe(true);
  const alone = await run('export', '--weights', weights, '--out', bytes, '--int8');
  expect([alone.code, alone.errors]).toEqual([2, expect.stringContaining('go together')]);
  const empty = await run('export', '--weights', weights, '--out', bytes, '--int8', '--calibrate', exported);
  expect([empty.code, empty.errors]).toEqual([2, expect.stringContaining('no .jpg, .png or .webp image')]);

  const again = await run('start', '--config', config, '--run', started.run);
  expect([again.code, again.errors]).toEqual([2, expect.stringContaining('holds a run already')]);
});

test('ground answers an expression of no known word with no box, and names unknown words', async () => {
  const image = join(folder, 'scenes/images/9.jpg');
  const asked = await run(
    'ground',
    '--weights',
    started.weights,
    '--image',
    image,
    '--json',
    'xylophone quux',
    'red quux',
  );
  expect(asked.code, asked.errors).toBe(0);
  const [nothing, partly] = lastJson(asked.out).results;
  expect(nothing).toEqual({
    expression: 'xylophone quux',
    unknownWords: ['xylophone', 'quux'],
    box: null,
    score: null,
    confidence: null,
  });
  expect(partly).toMatchObject({ unknownWords: ['quux'], box: expect.any(Array), confidence: expect.any(Number) });
  expect(asked.out).toContain('none: no word is known');
  expect(asked.errors).toContain('no probability that the object is there');
});

test('cache finds and repairs damaged entries', async () => {
  const [key = ''] = await readdir(join(folder, 'cache'));
  const [entry = ''] = await readdir(join(folder, 'cache', key));
  await writeFile(join(folder, 'cache', key, entry), 'damaged');
  const repaired = await run('cache', '--config', config, '--json');
  expect(repaired.code, repaired.errors).toBe(0);
  expect(lastJson(repaired.out)).toMatchObject({ images: 15, computed: 1, damaged: 1, broken: 0 });
});

test('pretrain writes a detector that fits, or is refused with its tensors', async () => {
  const pretrained = await run('pretrain', '--config', config, '--json');
  expect(pretrained.code, pretrained.errors).toBe(0);
  const weights = `detector.weights=${lastJson(pretrained.out).weights}`;
  const cached = await run('cache', '--config', config, '--set', weights, '--json');
  expect(cached.code, cached.errors).toBe(0);
  const narrow = await run('cache', '--config', config, '--set', weights, '--set', 'model.width=0.0625');
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

test('missing files, broken images, boxes that evaluate needs and foreign weights exit with 1 and leave nothing behind', async () => {
  const absent = await run('start', '--config', join(folder, 'none.yaml'));
  expect([absent.code, absent.errors]).toEqual([
    2,
    expect.stringContaining('none.yaml: there is no such configuration'),
  ]);
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
  const boxless = await run('evaluate', '--config', withoutScenes, ...own.slice(2), '--weights', started.weights);
  expect([boxless.code, boxless.errors]).toEqual([
    1,
    expect.stringContaining('split "val": 1 of 1 records have no box'),
  ]);

  await writeFile(join(folder, 'text.safetensors'), 'no weights');
  const foreign = await run('evaluate', '--config', config, '--weights', join(folder, 'text.safetensors'));
  expect([foreign.code, foreign.errors]).toEqual([1, expect.stringContaining('text.safetensors')]);
  const leftovers = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.tmp'));
  expect(leftovers).toEqual([]);
  expect(await readdir(join(target, 'checkpoints')).catch(() => [])).toEqual([]);
});

test('pictures and sentences without a box or a val split train: accuracy is unknown, the best epoch chosen by retrieval', async () => {
  const images = join(folder, 'photos');
  await mkdir(images);
  const photos = Array.from({ length: 24 }, (_, index) => `${index % 2 ? 'a' : 'b'}-${index}.jpg`);
  const drawn = (await readdir(join(folder, 'scenes/images'))).sort();
  for (const [at, photo] of photos.entries())
    await copyFile(join(folder, 'scenes/images', drawn[at % drawn.length] as string), join(images, photo));
  const annotations = join(folder, 'boxless.json');
  const train = ['gone.jpg', ...photos].map((image) => ({ iid: image, refs: ['red star', 'the star'] }));
  await writeFile(annotations, JSON.stringify({ train }));
  const own = join(folder, 'boxless.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(
    own,
    text
      .replace(/ {2}synthesize: .*\n/, '')
      .replace('scenes/annotations.json', annotations)
      .replace('scenes/images', images)
      .replace('epochs: 1, batchSize: 4', 'epochs: 2, batchSize: 64'),
  );
  const missing = await run('start', '--config', own, '--run', join(folder, 'boxless-missing'));
  expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining('image gone.jpg is not in')]);

  const skip = ['--set', 'data.brokenImages=skip'];
  const trained = await run('start', '--config', own, ...skip, '--run', join(folder, 'boxless'), '--json');
  expect(trained.code, trained.errors).toBe(0);
  for (const said of [
    'skipped: 1 pictures of 1 records are not in',
    'no split "val": 2 pictures with 4 expressions are held out of train',
    '64 is more than the 22 training records; 22 is used',
    'held-out accuracy unknown (no boxes), retrieval',
  ])
    expect(trained.errors).toContain(said);
  expect(trained.out).toMatch(/best epoch \d by retrieval/);
  expect(trained.out).toContain('accuracy is unknown');
  const { splits, weights, run: path } = lastJson(trained.out);
  expect(splits).toEqual({ 'held-out': { accuracy: null, count: 4 } });
  const epochs = (await readFile(join(path, 'log.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"seconds"'))
    .map((line) => JSON.parse(line));
  expect(epochs).toHaveLength(2);
  for (const epoch of epochs) {
    expect(epoch['held-outAccuracy']).toBeNull();
    expect(epoch['held-outRetrieval']).toBeGreaterThanOrEqual(0);
    expect(epoch['held-outAgreement']).toBeGreaterThanOrEqual(0);
  }
  expect((await loadCheckpoint(weights)).notes).toMatchObject({ 'held-outAccuracy': 'null' });
  const boxed = join(folder, 'boxed-later.json');
  const later = train.map((record) => ({ ...record, bbox: [0, 0, 64, 64], cat_id: 0, mask_id: 0 }));
  await writeFile(boxed, JSON.stringify({ train: later }));
  const judged = await score('--predictions', join(path, 'predictions-held-out.jsonl'), '--annotations', boxed);
  expect(judged.result, judged.error).toMatchObject({
    count: 4,
    problems: { missing: { count: 0 }, extra: { count: 0 } },
  });
  const grounded = await run('ground', '--weights', weights, '--image', join(images, 'b-0.jpg'), 'red star');
  expect(grounded.code, grounded.errors).toBe(0);

  const asked = await run('start', '--config', own, ...skip, '--set', 'evaluation.chooseBy=accuracy');
  expect([asked.code, asked.errors]).toEqual([2, expect.stringContaining('needs a box in every record')]);
  const unknown = await run('start', '--config', own, ...skip, '--set', 'evaluation.splits=[tesA]');
  expect([unknown.code, unknown.errors]).toEqual([1, expect.stringContaining('split "tesA" is empty or missing')]);
});

test.each(['simrec', 'realgin'])('%s learns from pseudo-labels, is evaluated and asked as RefCLIP is', async (name) => {
  const annotations = join(folder, 'scenes/annotations.json');
  const labels = join(folder, `${name}-labels.json`);
  const { train } = JSON.parse(await readFile(annotations, 'utf8'));
  const scored = train.map((record: object, at: number) => ({ ...record, bbox: [8.5, 8, 40, 40], score: at / 8 }));
  await writeFile(labels, JSON.stringify({ train: scored.slice(1) }));
  const own = join(folder, `${name}.yaml`);
  const text = await readFile(config, 'utf8');
  const model = `model: { name: ${name}, width: 0.03125, depth: 0.1, inputSize: 64, textHidden: 16, hidden: 16, maxTokens: 8 }`;
  await writeFile(own, text.replace('name: tiny', `name: tiny-${name}`).replace(/model: .*/, model));
  const set = ['--config', own, '--set', `supervision.labels=${labels}`, '--set', 'training.epochs=1'];
  const weighted = ['--set', 'supervision.weightByScore=true'];
  const pretrained = await run('pretrain', '--config', own, '--json');
  expect(pretrained.code, pretrained.errors).toBe(0);
  const trunk = ['--set', `detector.weights=${lastJson(pretrained.out).weights}`];
  const first = await run('start', ...set, ...weighted, ...trunk, '--run', join(folder, name), '--json');
  expect(first.code, first.errors).toBe(0);
  const { weights, splits } = lastJson(first.out);
  const evaluated = await run('evaluate', '--config', own, '--weights', weights, '--json');
  expect(lastJson(evaluated.out).splits, evaluated.errors).toEqual(splits);
  const grounded = await run(
    'ground',
    '--weights',
    weights,
    '--image',
    join(folder, 'scenes/images/9.jpg'),
    'red star',
  );
  expect(grounded.code, grounded.errors).toBe(0);

  await writeFile(labels, JSON.stringify({ train: [{ ...scored[0], refs: ['a zebra'], score: undefined }] }));
  const foreign = await run('start', ...set, ...weighted, '--run', join(folder, `${name}-foreign`));
  expect(foreign.code).toBe(1);
  expect(foreign.errors).toContain('do not say "a zebra"');
  expect(foreign.errors).toContain('train 0: no score');
});
