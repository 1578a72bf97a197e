import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkConfig,
  createModel,
  type ImageRef,
  type ImageSource,
  InterruptedError,
  initialValues,
  modelKind,
  type TrainingDataset,
  type TrainingRecord,
  toImageBatch,
} from '@refclip/app-shared';
import { batchNorm, initializeParameters, linear, onesInitializer, zerosInitializer } from '@refclip/nn';
import type { ReferringModel } from '@refclip/referring';
import { createEngine, hostTensor } from '@refclip/runtime';
import { computeLetterbox } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainingSetup } from './prepare-training.js';
import { createRun } from './run-directory.js';
import { train } from './train.js';
import { loadTrainingState } from './training-state.js';

// The loop, on a loss that is cheap but has all that could break a resumed run: dropout, running statistics, averages, several image sides.

const batchSize = 2;
let folder: string;
let setup: TrainingSetup;
/** Called before each batch is given out: what it is for. */
let onBatch: (use: 'step' | 'evaluation') => void = () => {};

const config = checkConfig(
  {
    name: 'loop',
    runs: '/runs',
    data: { annotations: 'a.json', images: 'images' },
    model: {
      width: 1 / 32,
      inputSize: 64,
      classes: 2,
      anchorsPerImage: 2,
      attentionLayers: 0,
      textHidden: 8,
      maxTokens: 3,
    },
    wordVectors: { dimension: 4 },
    detector: { weights: null, cache: { directory: 'cache' } },
    training: { epochs: 3, batchSize, warmupSteps: 2, learningRate: 0.01, saveEverySteps: 3 },
    evaluation: { splits: ['val'] },
    engine: { name: 'cpu' },
  },
  'test',
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-train-'));
  const file = join(folder, 'image.png');
  await sharp({ create: { width: 40, height: 40, channels: 3, background: '#777' } })
    .png()
    .toFile(file);
  const texts = [
    'red star',
    'blue ring',
    'left one',
    'top square',
    'small dot',
    'big dot',
    'the star',
    'that ring',
    'no',
    'yes',
  ];
  const ref = (index: number): ImageRef => ({ image: index, file, key: String(index) });
  const record = (_: string, index: number): TrainingRecord => ({
    ...ref(index),
    expressions: texts.slice(index, index + 2),
    box: null,
    score: 1,
    record: index,
  });
  const dataset: TrainingDataset = {
    validation: 'val',
    scored: ['val'],
    notes: [],
    train: texts.map(record),
    evaluation: new Map([
      [
        'val',
        texts.slice(0, 3).map((expression, index) => ({
          id: `val:${index}`,
          ...ref(index),
          expression,
          record: index,
          truth: [0, 0, 40, 40] as const,
        })),
      ],
    ]),
    vocabulary: Vocabulary.fromExpressions(texts),
  };
  const kind = modelKind('refclip');
  const model = createModel(config, dataset.vocabulary.size);
  const engine = await createEngine({ engine: 'cpu' });
  const drawn = await initialValues(config, model, dataset.vocabulary);
  const norm = [
    { name: 'norm.weight', kind: 'parameter', initializer: onesInitializer },
    { name: 'norm.bias', kind: 'parameter', initializer: zerosInitializer },
    { name: 'norm.running_mean', kind: 'statistic', initializer: zerosInitializer },
    { name: 'norm.running_var', kind: 'statistic', initializer: onesInitializer },
  ].map((spec) => ({ ...spec, shape: [8], layout: 'plain', dtype: 'float32' }) as const);
  const counter = {
    name: 'norm.num_batches_tracked',
    shape: [],
    layout: 'plain',
    kind: 'statistic',
    dtype: 'int32',
    initializer: zerosInitializer,
  } as const;
  const values = { ...drawn, ...initializeParameters([...(norm as never[]), counter], 1) };
  const source: ImageSource = {
    kind: 'images',
    async *batches(items, size) {
      for (let start = 0; start < items.length; start += size) {
        const own = items.slice(start, start + size);
        onBatch(size === batchSize ? 'step' : 'evaluation');
        const light = own.flatMap(({ image }) => Array.from({ length: 8 }, (_, i) => Math.sin(Number(image) + i)));
        yield toImageBatch(
          own,
          { light: hostTensor(Float32Array.from(light), [own.length, 8]) },
          own.map(() => computeLetterbox(40, 40, 64)),
        );
      }
    },
  };
  const reader: ReferringModel = {
    ...model,
    trainingSides: [64, 96],
    imageInputs: (batch) => ({ light: { shape: [batch, 8], dtype: 'float32' } }),
    trainLoss(scope, { light, tokens }, { side = 0 } = {}) {
      const seen = scope.child('drop').dropout(batchNorm(scope.child('norm'), light as tf.Tensor2D), 0.3);
      const shifted = tf.add(linear(scope.child('linear_ts'), seen, { features: 8 }), side / 640);
      const wanted = tf.mean(tf.cast(tokens as tf.Tensor, 'float32'), 1, true);
      return { loss: tf.mean(tf.square(tf.sub(shifted, wanted))), metrics: { largest: tf.max(shifted) } };
    },
    encodeImages: (scope, { light }) => {
      const [batch] = (light as tf.Tensor2D).shape;
      const seen = linear(scope.child('linear_ts'), light as tf.Tensor2D, { features: 8 });
      return { light: seen, anchors: tf.zeros([batch, 2, 8]), boxes: tf.zeros([batch, 2, 4, 6]) };
    },
    locate: (_, { light }) => ({
      boxes: tf.concat(
        [tf.zeros([(light as tf.Tensor2D).shape[0], 2]), tf.fill([(light as tf.Tensor2D).shape[0], 2], 64)],
        1,
      ) as tf.Tensor2D,
      scores: tf.max(light as tf.Tensor2D, 1) as tf.Tensor1D,
    }),
  };
  const numbers = { perEpoch: 5, lastStep: 15, fingerprint: 'same' };
  setup = { config, engine, dataset, criterion: 'accuracy', kind, model, reader, source, values, ...numbers };
});
afterAll(() => rm(folder, { recursive: true }));

const lines = async (run: string) =>
  (await readFile(join(folder, run, 'log.jsonl'), 'utf8')).replace(/"seconds":[\d.]+/g, '');

test('a run that was interrupted or killed at any step ends with the bits of one that was not', async () => {
  const whole = await createRun(join(folder, 'whole'), config);
  const result = await train(setup, whole);
  expect(result).toMatchObject({ interrupted: false, epochs: 3, steps: 15 });
  const expected = await loadTrainingState(whole.state);

  for (const [name, use, at, how] of [
    ['signal-first', 'step', 1, 'signal'],
    ['signal-late', 'step', 12, 'signal'],
    ['signal-validation', 'evaluation', 2, 'signal'],
    // Three epochs are validated before.
    ['signal-evaluation', 'evaluation', 4, 'signal'],
    ['kill-2', 'step', 2, 'kill'],
    ['kill-8', 'step', 8, 'kill'],
  ] as const) {
    const run = await createRun(join(folder, name), config);
    const controller = new AbortController();
    let given = 0;
    onBatch = (of) => {
      if (of !== use || ++given !== at) return;
      if (how === 'signal') controller.abort(new InterruptedError('stopped'));
      // What a killed process leaves behind is what was saved before.
      else throw new Error('killed');
    };
    const first = await train(setup, run, undefined, controller.signal).catch((error: Error) => error.message);
    onBatch = () => {};
    if (how === 'signal') expect(first, name).toMatchObject({ interrupted: true, splits: [] });
    else expect(first, name).toBe('killed');
    // There is a state from the beginning on.
    const saved = await loadTrainingState(run.state);
    if (name === 'kill-2') expect(saved.progress.step).toBe(0);
    const resumed = await train(setup, run, saved);
    expect(resumed.splits, name).toEqual(result.splits);
    const state = await loadTrainingState(run.state);
    expect(state.tensors, name).toEqual(expected.tensors);
    expect({ ...state.progress, logs: 0 }, name).toEqual({ ...expected.progress, logs: 0 });
    expect(await lines(name), name).toBe(await lines('whole'));
    for (const file of ['best', 'last'] as const)
      expect(Buffer.compare(await readFile(run[file]), await readFile(whole[file])), `${name} ${file}`).toBe(0);
    expect((await readdir(join(folder, name), { recursive: true })).filter((file) => file.endsWith('.tmp'))).toEqual(
      [],
    );
  }
});

test('a state of other data or first weights is refused', async () => {
  const run = await createRun(join(folder, 'foreign'), config);
  const state = await loadTrainingState(join(folder, 'whole/checkpoints/state.safetensors'));
  await expect(train({ ...setup, fingerprint: 'other' }, run, state)).rejects.toThrow(
    'are not those that the run began with',
  );
});
