import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, UsageError } from '@refclip/structures';
import { beforeEach, expect, test } from 'vitest';
import { sampleConfig } from './bundled-sample.js';
import { loadConfig } from './load-config.js';

let folder: string;
const minimal = `
name: tiny
runs: runs
data: { annotations: a.json, images: images }
detector: { weights: null, cache: { directory: cache } }
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-config-'));
});

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

test('the defaults are the published values and paths are relative to the file that names them', async () => {
  const config = await loadConfig(await write('tiny.yaml', minimal));
  expect(config.training).toMatchObject({
    epochs: 25,
    batchSize: 64,
    learningRate: 1e-4,
    clipNorm: 0.15,
    betas: [0.9, 0.98],
  });
  expect(config.model).toMatchObject({ width: 1, inputSize: 416, anchorsPerImage: 17, maxTokens: 15 });
  expect(config.data.annotations).toBe(join(folder, 'a.json'));
  expect(config.runs).toBe(join(folder, 'runs'));
});

test('two entries are enough: the rest is the bundled sample, beside the file and named as it', async () => {
  const file = await write('my photos.yaml', 'data: { annotations: a.json, images: photos }\n');
  const sample = await loadConfig(sampleConfig);
  const { model, training, detector } = sample;
  const cache = { ...detector.cache, directory: join(folder, '.cache/detector') };
  const own = { name: 'my-photos', runs: join(folder, 'runs'), model, training, detector: { ...detector, cache } };
  expect(await loadConfig(file)).toMatchObject(own);
  expect((await loadConfig(file)).data).toMatchObject({ synthesize: null, images: join(folder, 'photos') });
  const changed = await loadConfig(file, ['training.epochs=2', 'model.anchorsPerImage=4']);
  expect([changed.training.epochs, changed.training.learningRate]).toEqual([2, training.learningRate]);
  expect(changed.model).toEqual({ ...model, anchorsPerImage: 4 });
  // A detector of one's own comes with the published sizes.
  const published = await loadConfig(file, ['detector.weights=yolo.safetensors']);
  expect([published.model.width, published.training.epochs]).toEqual([1, 25]);
});

test('extends merges mappings, the nearer file wins, --set has the last word', async () => {
  await write('tiny.yaml', minimal);
  const child = await write('child.yaml', 'extends: tiny.yaml\nname: child\ntraining: { epochs: 3 }\n');
  const config = await loadConfig(
    child,
    ['training.epochs=4', 'training.betas=[0.5, 0.6]', 'data.images=pictures'],
    '/elsewhere',
  );
  expect(config).toMatchObject({ name: 'child', training: { epochs: 4, batchSize: 64, betas: [0.5, 0.6] } });
  expect(config.data.images).toBe(resolve('/elsewhere/pictures'));
});

test('every problem is reported at once, unknown keys with the nearest valid one', async () => {
  const file = await write('wrong.yaml', `${minimal}\ntraining: { learningrate: 1, epochs: 0 }\nmodle: {}\n`);
  const error = await loadConfig(file).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  const { message, problems } = error as ConfigError;
  expect(problems.map((problem) => problem.path).sort()).toEqual(['modle', 'training.epochs', 'training.learningrate']);
  expect(message).toContain('did you mean "training.learningRate"');
  expect(message).toContain('did you mean "model"');
});

test('settings that contradict each other are refused', async () => {
  const file = await write('tiny.yaml', minimal);
  await expect(loadConfig(file, ['model.inputSize=64', 'model.anchorsPerImage=9'])).rejects.toThrow(
    '4 cells of a 64 px input',
  );
  await expect(loadConfig(file, ['wordVectors.kind=file'])).rejects.toThrow('wordVectors.file');
});

test('a model is chosen by name, with the keys of that model', async () => {
  const file = await write('tiny.yaml', minimal);
  expect((await loadConfig(file, ['model.inputSize=64', 'model.anchorsPerImage=3'])).model.name).toBe('refclip');
  await expect(loadConfig(file, ['model.name=refclop'])).rejects.toThrow('model.name');
  await expect(loadConfig(file, ['model.anchorPerImage=3'])).rejects.toThrow('did you mean "model.anchorsPerImage"');
});

test('a missing file, broken YAML, a circle, a malformed assignment', async () => {
  await writeFile(
    join(folder, 'two.yaml'),
    'data: { annotations: a.json, images: photos }\ntraining: { epochs: -3 }\n',
  );
  const two = await loadConfig(join(folder, 'two.yaml')).catch((error: Error) => error.message);
  const named = await write('named.yaml', 'data: { images: photos }\nmodel: { width: 1 }\n');
  const none = await loadConfig(named).catch((error: Error) => error.message);
  for (const entry of ['data.annotations', 'detector.weights'])
    expect(none).toContain(`${entry}: is missing: expected string; write it in the file`);
  expect(two).toMatch(/training\.epochs.*, got -3/);
  await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toThrow(UsageError);
  await expect(loadConfig(await write('broken.yaml', 'a: [1\nb: 2'))).rejects.toThrow(ConfigError);
  await expect(loadConfig(await write('circle.yaml', 'extends: circle.yaml'))).rejects.toThrow('extends itself');
  const file = await write('tiny.yaml', minimal);
  await expect(loadConfig(file, ['training.epochs'])).rejects.toThrow('name.of.key=value');
  await expect(loadConfig(file, ['__proto__.x=1'])).rejects.toThrow('not the name');
});

test('every model has the values that were published for it', async () => {
  const file = await write('tiny.yaml', minimal);
  const simrec = await loadConfig(file, ['model.name=simrec']);
  expect(simrec.training).toMatchObject({ epochs: 25, batchSize: 32, schedule: 'cosine', emaDecay: 0.9997 });
  expect(simrec.model).toMatchObject({ multiScale: true, textHidden: 512, attentionLayers: 1 });
  const realgin = await loadConfig(file, ['model.name=realgin', 'training.epochs=3']);
  expect(realgin.training).toMatchObject({ epochs: 3, batchSize: 16, schedule: 'constant', emaDecay: null });
  await expect(loadConfig(file, ['model.name=simrec', 'model.anchorsPerImage=3'])).rejects.toThrow('unknown key');
  await expect(loadConfig(file, ['supervision.labels=a.json'])).rejects.toThrow('learns without boxes');
});

test.each([
  ...['sample', 'refcoco', 'refcoco+', 'refcocog', 'referit'].map((data) => [data, data]),
  ...['simrec', 'realgin'].flatMap((model) =>
    ['sample', 'refcoco', 'refcoco+', 'refcocog', 'referit'].map((data) => [`${model}/${data}`, `${model}-${data}`]),
  ),
])('configs/%s.yaml is valid', async (file, name) => {
  const config = await loadConfig(fileURLToPath(new URL(`../../../../configs/${file}.yaml`, import.meta.url)));
  expect(config.name).toBe(name);
});

test("the guide makes every file that the published data sets' configurations read", async () => {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  const guide = await readFile(join(root, 'docs/guides/prepare-refcoco.md'), 'utf8');
  const sets = ['refcoco', 'refcoco+', 'refcocog', 'refclef'];
  expect(guide).toContain(`for set in ${sets.join(' ')}; do`);
  const named = new Set(guide.replaceAll('$set/word-vectors', '').match(/data\/[\w+./-]+/g));
  for (const set of sets) named.add(`data/${set}/word-vectors.safetensors`);
  const vectors = new Map<string, string>();
  for (const file of ['', 'simrec/', 'realgin/'].flatMap((f) =>
    ['refcoco', 'refcoco+', 'refcocog', 'referit'].map((set) => f + set),
  )) {
    const { data, wordVectors, detector } = await loadConfig(join(root, 'configs', `${file}.yaml`));
    const own = relative(root, wordVectors.file as string);
    const trunk = file.includes('/') ? [] : [relative(root, detector.weights as string)];
    for (const path of [relative(root, data.annotations), own, ...trunk]) expect(named, file).toContain(path);
    // Word vectors are made for one vocabulary.
    expect(vectors.get(own) ?? data.annotations, file).toBe(data.annotations);
    vectors.set(own, data.annotations);
  }
});
