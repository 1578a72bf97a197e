import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, initialValues, loadConfig, prepareData } from '@refclip/app-shared';
import { readAnnotations } from '@refclip/data';
import { runCli } from '@refclip/eval/files';
import { saveCheckpoint } from '@refclip/referring';
import { Vocabulary } from '@refclip/text';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommandLine } from './run-command-line.js';

let folder: string;
let config: string;
let weights: string;
const annotations = () => join(folder, 'scenes/annotations.json');

/** Runs one command; what it printed, and its exit code. */
async function run(...words: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
  try {
    const code = await runCommandLine(words);
    return {
      code,
      out: out.join(''),
      errors: errors.join(''),
      json: () => JSON.parse(out.join('').trimEnd().split('\n').at(-1) as string),
    };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

const label = (out: string, ...words: string[]) =>
  run('start', '--config', config, '--weights', weights, '--json', '--out', join(folder, out), ...words);

/** Every file of a folder: path → digest. */
async function contents(name: string): Promise<Record<string, string>> {
  const files = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
  const paths = files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();
  const read = async (path: string) => [path.slice(join(folder, name).length), digest(await readFile(path))];
  return Object.fromEntries(await Promise.all(paths.map(read)));
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-labeler-'));
  config = join(folder, 'tiny.yaml');
  await writeFile(
    config,
    `
name: tiny
runs: runs
data:
  annotations: scenes/annotations.json
  images: scenes/images
  synthesize: { directory: scenes, seed: 2, imageSize: 96, train: 34, val: 3, testA: 2, testB: 2 }
model: { width: 0.03125, inputSize: 96, classes: 64, anchorsPerImage: 4, attentionLayers: 1, textHidden: 16, maxTokens: 8 }
wordVectors: { dimension: 8 }
detector: { weights: null, cache: { directory: cache } }
engine: { cache: engine }
`,
  );
  const loaded = await loadConfig(config);
  await prepareData(loaded);
  const { splits } = await readAnnotations(annotations());
  const vocabulary = Vocabulary.fromExpressions([...splits.values()].flat().flatMap(({ expressions }) => expressions));
  const model = createModel(loaded, vocabulary.size);
  weights = join(folder, 'runs/first/checkpoints/best.safetensors');
  await mkdir(join(folder, 'runs/first/checkpoints'), { recursive: true });
  const values = await initialValues(loaded, model, vocabulary);
  await saveCheckpoint(weights, { model, values, vocabulary, notes: { config: 'tiny' } });
});
afterAll(() => rm(folder, { recursive: true }));

test('the best run labels in every format; a cut run goes on to the same bytes; shards merge to them', async () => {
  const none = await run('start', '--config', config);
  expect([none.code, none.errors]).toEqual([2, expect.stringContaining('Train first')]);
  await writeFile(join(folder, 'runs/first/config.yaml'), 'name: tiny\n');
  const first = await run('start', '--config', config, '--format', 'all', '--json');
  expect(first.code, first.errors).toBe(0);
  const { splits } = await readAnnotations(annotations());
  const expressions = (splits.get('train') ?? []).flatMap((record) => record.expressions).length;
  const json = first.json();
  expect(json).toMatchObject({ expressions, total: expressions, kept: expressions, empty: 0 });
  expect(json.accuracy.count).toBe(expressions);
  expect(Object.keys(json.files)).toEqual(['simrec', 'transvg', 'mattnet', 'realgin', 'odvg', 'jsonl']);
  const whole = await contents('runs/first/labels-train');

  // Killed in the second chunk, and again while a format was being written.
  await mkdir(join(folder, 'cut'));
  await copyFile(join(folder, 'runs/first/labels-train/labels.jsonl'), join(folder, 'cut/labels.jsonl.partial'));
  const cut = join(folder, 'cut/labels.jsonl.partial');
  await truncate(cut, Math.floor((await stat(cut)).size * 0.98));
  await writeFile(join(folder, 'cut/.labels.json.00000000-0000-4000-8000-000000000000.tmp'), 'half');
  expect((await label('cut', '--format', 'all')).code).toBe(2);
  const resumed = await label('cut', '--format', 'all', '--resume');
  expect(resumed.code, resumed.errors).toBe(0);
  expect(resumed.json().expressions).toBeLessThan(expressions);
  expect(await contents('cut')).toEqual(whole);
  const again = await label('cut', '--format', 'all', '--resume');
  expect([again.code, again.json().expressions, await contents('cut')]).toEqual([0, 0, whole]);
  const other = await label('cut', '--batch-size', '3', '--resume');
  expect([other.code, other.errors]).toEqual([2, expect.stringContaining('configuration.batchSize')]);

  for (const index of [2, 1]) {
    const shard = await label('shards', '--shard', `${index}/2`);
    expect(shard.code, shard.errors).toBe(0);
    if (index === 1) break;
    const early = await run('merge', '--config', config, '--labels', join(folder, 'shards'));
    expect([early.code, early.errors]).toEqual([2, expect.stringContaining('shard 1 of 2 is missing')]);
  }
  const merged = await run(
    'merge',
    '--config',
    config,
    '--labels',
    join(folder, 'shards'),
    '--out',
    join(folder, 'merged'),
    '--format',
    'all',
  );
  expect(merged.code, merged.errors).toBe(0);
  expect(await contents('merged')).toEqual(whole);

  const exported = await run(
    'export',
    '--config',
    config,
    '--labels',
    join(folder, 'merged'),
    '--policy',
    'ref',
    '--top-fraction',
    '0.5',
    '--out',
    join(folder, 'half'),
    '--json',
  );
  expect(exported.json()).toMatchObject({ total: 68, kept: 34 });
  const page = await run('preview', '--config', config, '--labels', join(folder, 'merged'), '--count', '5', '--json');
  const html = await readFile(page.json().html, 'utf8');
  expect(html.match(/<figure/g)).toHaveLength(5);
  // One in the legend, one in each picture, of a record's own box.
  expect(html.match(/<rect class="truth"/g)).toHaveLength(6);
  const truths = new Set((splits.get('train') ?? []).map(({ box }) => `x="${box?.[0]}" y="${box?.[1]}"`));
  const drawn = [...html.matchAll(/<rect class="truth" (x="[^"]*" y="[^"]*")/g)].map(([, place]) => place as string);
  expect(drawn.filter((place) => truths.has(place))).toHaveLength(5);
  const words = ['--config', config, '--labels', join(folder, 'merged'), '--out', join(folder, 'half.html'), '--json'];
  const half = await run('preview', ...words, '--policy', 'ref', '--top-fraction', '0.5');
  expect(half.json()).toMatchObject({ labels: 34 });
  expect(await readFile(join(folder, 'half.html'), 'utf8')).toContain('Kept: 34 of 68.');
});

test("refclip-eval scores the labeler's files with the annotations they were made from", async () => {
  const labels = await label('scored', '--format', 'all');
  expect(labels.code, labels.errors).toBe(0);
  const { accuracy, files } = labels.json();
  const score = async (file: string, ...words: string[]) => {
    let [out, error] = ['', ''];
    const streams = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
    const args = ['score', '--json', '--predictions', file, '--annotations', annotations(), ...words];
    const code = await runCli(args, streams);
    return { code, error, result: code === 0 ? JSON.parse(out) : undefined };
  };
  const lines = join(folder, 'scored/labels.jsonl');
  const { result, error } = await score(lines);
  expect(result, error).toMatchObject({ count: accuracy.count, accuracy: { '0.5': accuracy.all } });
  expect(result.meanIou).toBeGreaterThan(0.005);
  expect(error).toContain('scored on train');
  const train = (format: string) =>
    (files[format] as string[]).find((file) => /train|\/tiny\.json$/.test(file)) as string;
  // TransVG has whole pixels; RealGIN's and ODVG's boxes are the labels themselves.
  for (const [format, digits] of [
    ['simrec', 5],
    ['realgin', 5],
    ['odvg', 5],
    ['jsonl', 5],
    ['transvg', 2.5],
  ] as const) {
    const exported = await score(train(format));
    expect(exported.result, `${format}: ${exported.error}`).toMatchObject({
      count: accuracy.count,
      problems: { missing: { count: 0 }, extra: { count: 0 }, duplicate: { count: 0 } },
    });
    expect(exported.result.meanIou, format).toBeCloseTo(result.meanIou, digits);
  }
  expect((await score(train('simrec'))).error).toContain('val, testA, testB hold the annotated boxes themselves');

  const some = await label('some-scored', '--limit', '12');
  expect(some.code, some.errors).toBe(0);
  const limited = await score(join(folder, 'some-scored/labels.jsonl'));
  expect(limited.result, limited.error).toMatchObject({
    count: some.json().total,
    problems: { missing: { count: 0 } },
  });
  expect(limited.error).toContain('behind the first 12 records');

  const changed = join(folder, 'changed.json');
  const { train: records, ...others } = JSON.parse(await readFile(annotations(), 'utf8'));
  await writeFile(changed, JSON.stringify({ ...others, train: records.slice(1) }));
  const refused = await score(lines, '--annotations', changed);
  expect([refused.code, refused.error]).toEqual([1, expect.stringContaining('Were the annotations changed since?')]);
});

test("people's boxes change nothing: without them the labels are the same", async () => {
  const { train } = JSON.parse(await readFile(annotations(), 'utf8'));
  const records = train.slice(0, 12).map(({ iid, refs, mask_id }: Record<string, unknown>) => ({ iid, refs, mask_id }));
  await writeFile(join(folder, 'boxless.json'), JSON.stringify({ train: records }));
  const boxless = await run(
    'start',
    '--annotations',
    join(folder, 'boxless.json'),
    '--images',
    join(folder, 'scenes/images'),
    '--weights',
    weights,
    '--out',
    join(folder, 'boxless'),
    '--set',
    `detector.cache.directory=${join(folder, 'cache')}`,
    '--json',
  );
  expect(boxless.code, boxless.errors).toBe(0);
  expect(boxless.json().accuracy).toBeNull();
  const unknown = await run('preview', '--config', config, '--labels', join(folder, 'boxless'), '--json');
  const html = await readFile(unknown.json().html, 'utf8');
  expect(html).not.toContain('class="truth"');
  expect(html).toContain('made from another file than');
  expect((await label('boxed', '--limit', '12', '--batch-size', '4', '--clip')).code).toBe(0);
  const lines = async (name: string) => (await readFile(join(folder, name, 'labels.jsonl'), 'utf8')).split('\n');
  const [boxlessLines, boxedLines] = [await lines('boxless'), await lines('boxed')];
  expect(boxlessLines.slice(1, 8)).toEqual(boxedLines.slice(1, 8));
});

describe('wrong input', () => {
  test.each([
    [['--format', 'yolo'], 'yolo is no format'],
    [['--shard', '8/7'], 'i/n'],
    [['--shard', '0/7'], 'i/n'],
    [['--shard', 'x'], 'i/n'],
    [['--limit', '0'], 'above 0'],
    [['--top-fraction', '0'], 'above 0'],
    [['--min-agreement', '2'], '0 to 1'],
    [['--policy', 'best'], 'expression, ref'],
    [['--batch-size', 'many'], 'whole number'],
  ])('%j is wrong usage', async (words, message) => {
    const { code, errors } = await label('none', ...words);
    expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
  });

  test('weights of another width, a split that is not there, foreign weights', async () => {
    const wide = await label('none', '--set', 'model.width=0.0625');
    expect([wide.code, wide.errors]).toEqual([1, expect.stringContaining('weights do not fit the model')]);
    const split = await label('none', '--split', 'dev');
    expect([split.code, split.errors]).toEqual([1, expect.stringContaining('the file has train, val, testA, testB')]);
    const foreign = await run('start', '--config', config, '--weights', annotations(), '--out', join(folder, 'none'));
    expect([foreign.code, foreign.errors]).toEqual([1, expect.stringContaining('annotations.json')]);
    expect(await readdir(join(folder, 'none')).catch(() => [])).toEqual([]);
  });

  test('missing and broken images end the run, or are recorded and skipped', async () => {
    const images = join(folder, 'some');
    await mkdir(images);
    const { splits } = await readAnnotations(annotations());
    const names = [...new Set((splits.get('train') ?? []).slice(0, 6).map(({ image }) => `${image}.jpg`))];
    await copyFile(join(folder, 'scenes/images', names[0] as string), join(images, names[0] as string));
    const own = ['--images', images, '--limit', '6'];
    const missing = await label('missing', ...own);
    expect([missing.code, missing.errors]).toEqual([1, expect.stringContaining('is not there')]);
    await writeFile(join(images, names[1] as string), 'no image');
    const skipped = await label('skipped', ...own, '--set', 'data.brokenImages=skip');
    expect(skipped.code, skipped.errors).toBe(0);
    expect(skipped.json().broken.images).toBe(2);
    const entries = (await readFile(join(folder, 'skipped/labels.jsonl'), 'utf8')).split('\n').slice(1, 4);
    expect(entries.map((line) => JSON.parse(line).broken)).toEqual([
      undefined,
      expect.stringContaining(names[1] as string),
      'is not there',
    ]);
  });
});
