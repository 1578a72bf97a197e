import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig, loadTrainingDataset } from '@refclip/app-shared';
import { conv2d, declareParameters, linear, normalInitializer, type Scope } from '@refclip/nn';
import type { AnyModel, ModelKind } from '@refclip/referring';
import { createEngine, type NamedTensors } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { prepareTraining } from './prepare-training.js';
import { createRun } from './run-directory.js';
import { train } from './train.js';

// The student of docs/guides/add-a-student.md: a box from the mean colour edges of the image and the mean word.
function createTinyStudent({
  words,
  wordDimension,
  inputSize,
}: Readonly<Record<'words' | 'wordDimension' | 'inputSize', number>>): AnyModel {
  const maxTokens = 8;
  const encodeImages = (scope: Scope, { images }: NamedTensors, side = inputSize) => {
    const whole = tf.div(tf.cast(images as tf.Tensor4D, 'float32'), 255) as tf.Tensor4D;
    const pixels = side === inputSize ? whole : tf.avgPool(whole, inputSize / side, inputSize / side, 'valid');
    const map = conv2d(scope.child('visual_encoder'), pixels, { filters: 4, kernelSize: 3, stride: 2 });
    return { seen: tf.mean(tf.relu(map), [1, 2]) }; // [B, 4]
  };
  const boxOf = (scope: Scope, { seen }: NamedTensors, tokens: tf.Tensor2D) => {
    const vectors = scope
      .child('lang_encoder')
      .child('embedding')
      .parameter('weight', [words, wordDimension], normalInitializer());
    const said = tf.mean(tf.gather(vectors, tf.cast(tokens, 'int32')), 1); // [N, D]
    return tf.sigmoid(linear(scope.child('head'), tf.concat([seen as tf.Tensor, said], 1), { features: 4 }));
  };
  const model: AnyModel = {
    name: 'tiny-student',
    options: { inputSize, width: 1 },
    inputSize,
    maxTokens,
    supervision: 'box',
    // Multi-scale training: the trainer draws a side per step and knows no more of it.
    trainingSides: [inputSize / 2, inputSize],
    get parameters() {
      return declareParameters(
        (scope, { tokens, ...inputs }) => {
          boxOf(scope, encodeImages(scope, inputs), tokens as tf.Tensor2D);
        },
        { ...model.imageInputs(2), tokens: { shape: [2, maxTokens], dtype: 'int32' } },
      ).parameters;
    },
    isTrainable: (name) => name !== 'lang_encoder.embedding.weight',
    imageInputs: (batch) => ({ images: { shape: [batch, inputSize, inputSize, 3], dtype: 'uint8' } }),
    trainLoss(scope, { targets, tokens, ...inputs }, { side = inputSize } = {}) {
      const predicted = boxOf(scope, encodeImages(scope, inputs, side), tokens as tf.Tensor2D);
      const loss = tf.mean(tf.sum(tf.square(tf.sub(predicted, targets as tf.Tensor2D)), 1)) as tf.Scalar;
      return { loss, metrics: { side: tf.scalar(side) } };
    },
    encodeImages: (scope, inputs) => encodeImages(scope, inputs),
    locate(scope, encoded, tokens) {
      const [center, size] = tf.split(tf.mul(boxOf(scope, encoded, tokens), inputSize), 2, 1) as [tf.Tensor, tf.Tensor];
      const half = tf.div(size, 2);
      const boxes = tf.concat([tf.sub(center, half), tf.add(center, half)], 1) as tf.Tensor2D;
      return { boxes, scores: tf.mean(boxes, 1) as tf.Tensor1D };
    },
  };
  return model;
}

const tinyKind: ModelKind = {
  restore: (options) => createTinyStudent(options as never),
  isOptional: () => false,
  lastDarknetLayer: null,
  trunk: () => {
    throw new Error('has none');
  },
};

test('a new student trains, is evaluated and saved by the trainer as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-student-'));
  const config = checkConfig(
    {
      name: 'tiny-student',
      runs: folder,
      data: {
        annotations: join(folder, 'scenes/annotations.json'),
        images: join(folder, 'scenes/images'),
        synthesize: { directory: join(folder, 'scenes'), imageSize: 64, train: 8, val: 2, testA: 1, testB: 1 },
        workers: 0,
      },
      wordVectors: { dimension: 8 },
      detector: { weights: null, cache: { directory: folder } },
      training: { epochs: 3, batchSize: 4, learningRate: 0.05, warmupSteps: 0, clipNorm: 10, emaDecay: null },
      evaluation: { splits: ['val'] },
    },
    'tiny student',
  );
  const engine = await createEngine();
  const setup = await prepareTraining(config, await loadTrainingDataset(config), engine, {
    kind: tinyKind,
    create: (words) => createTinyStudent({ words, wordDimension: config.wordVectors.dimension, inputSize: 32 }),
  });
  const losses: number[] = [];
  const sides: number[] = [];
  const result = await train(setup, await createRun(join(folder, 'run'), config), undefined);
  await engine.dispose();
  for (const line of (await readFile(join(folder, 'run/log.jsonl'), 'utf8')).trim().split('\n')) {
    const { step, loss, side } = JSON.parse(line);
    if (!step) continue;
    losses.push(loss);
    sides.push(side);
  }
  expect([result.epochs, result.steps, result.splits.map(({ split }) => split)]).toEqual([3, 12, ['val']]);
  expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] as number));
  // Both sides were trained, by turns, on one state.
  expect(new Set(sides)).toEqual(new Set([16, 32]));
});
