import { createScope, createTrainStep, declareParameters, fileShape, initializeParameters } from '@refclip/nn';
import type { ReferringModel } from '@refclip/referring';
import { createEngine, type Engine, hostTensor, type NamedHostTensors, type NamedTensors } from '@refclip/runtime';
import { ConfigError } from '@refclip/structures';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import realGinNames from './__fixtures__/state-dict-realgin.json' with { type: 'json' };
import simRecNames from './__fixtures__/state-dict-simrec.json' with { type: 'json' };
import { createRealGin, createSimRec } from './index.js';

const tiny = {
  words: 20,
  width: 1 / 32,
  depth: 1 / 9,
  inputSize: 96,
  maxTokens: 4,
  wordDimension: 6,
  textHidden: 16,
  hidden: 16,
  dropout: 0,
};
const models = [
  {
    name: 'simrec',
    create: createSimRec,
    small: createSimRec({ ...tiny, multiScale: false }),
    official: simRecNames as Record<string, number[]>,
  },
  {
    name: 'realgin',
    create: createRealGin,
    small: createRealGin(tiny),
    official: realGinNames as Record<string, number[]>,
  },
] as const;

const batch = 3;
const side = tiny.inputSize;
const images = hostTensor(Uint8Array.from(uniform('images', batch * side * side * 3, 0, 256)), [batch, side, side, 3]);
const tokens = hostTensor(Int32Array.of(3, 4, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0), [batch, tiny.maxTokens]);
const targets = hostTensor(Float32Array.of(0.3, 0.4, 0.5, 0.6, 0.7, 0.6, 0.4, 0.3, 0, 0, 0, 0), [batch, 4]);

let engine: Engine;
beforeAll(async () => {
  // Small graphs gain nothing from more, and threads that wait disturb the tests beside.
  engine = await createEngine({ engine: 'compiled', threads: 1 });
});
afterAll(() => engine.dispose());

async function run(
  name: string,
  layers: (inputs: NamedTensors, weights: NamedTensors) => NamedTensors,
  inputs: NamedHostTensors,
  constants: NamedHostTensors,
) {
  const executable = await engine.compile(layers, { name, inputs, constants });
  const outputs = await executable.run(inputs);
  await executable.dispose();
  return outputs;
}

/** The model's frozen outputs of the images. */
const frozen = (model: ReferringModel, values: NamedHostTensors) =>
  run(
    'frozen',
    (inputs, weights) => {
      const { scope } = createScope(weights, { training: false });
      return model.frozenOutputs?.(scope, inputs.images as tf.Tensor4D) ?? {};
    },
    { images },
    values,
  );

describe.each(models)('$name', ({ create, small, official }) => {
  const model: ReferringModel = small;
  const values = initializeParameters(model.parameters, 1);

  it('has the official names and shapes at its full size', () => {
    const own = create({ words: 10000 }).parameters.map((spec) => [spec.name, fileShape(spec)]);
    expect(Object.fromEntries(own)).toEqual(official);
  });

  it('lists every option out of range', () => {
    const wrong = () => create({ words: 1, width: -1, inputSize: 100, textHidden: 12, dropout: 1 });
    expect(wrong).toThrow(ConfigError);
    for (const key of ['words', 'width', 'inputSize', 'textHidden', 'dropout']) expect(wrong).toThrow(key);
  });

  it('locates the same box from images and from cached outputs of the frozen layers', async () => {
    const cached = await frozen(model, values);
    const specs = model.imageInputs(batch);
    expect(Object.keys(cached).sort()).toEqual(Object.keys(specs).sort());
    for (const [name, { shape }] of Object.entries(specs)) expect(cached[name]?.shape).toEqual(shape);
    const locate = (inputs: NamedTensors, weights: NamedTensors) => {
      const { scope } = createScope(weights, { training: false });
      const { boxes, scores } = model.locate(scope, model.encodeImages(scope, inputs), inputs.tokens as tf.Tensor2D);
      return { boxes, scores };
    };
    const fromCache = await run('cached', locate, { ...cached, tokens }, values);
    const fromImages = await run('images', locate, { images, tokens }, values);
    expect(fromCache.boxes?.shape).toEqual([batch, 4]);
    expect(fromCache.scores?.shape).toEqual([batch]);
    expect(fromCache.boxes?.data).toBeAllClose(fromImages.boxes?.data ?? [], { rtol: 1e-4, atol: 1e-3 });
    for (let b = 0; b < batch; b++) {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = fromCache.boxes?.data.slice(4 * b, 4 * b + 4) ?? [];
      expect(x2 > x1 && y2 > y1).toBe(true);
    }
  });

  it('learns a batch by heart in a compiled step; frozen layers, word vectors and unused tensors stay', async () => {
    const inputs = { ...(await frozen(model, values)), tokens, targets };
    const step = createTrainStep({
      loss: (scope, given) => model.trainLoss(scope, given),
      batch: inputs,
      values,
      trainable: model.isTrainable,
      maxGradientNorm: 1,
    });
    expect(Object.keys(step.state).filter((name) => /embedding|w_m|mid_proj|bot_proj/.test(name))).toEqual([]);
    const executable = await engine.compileStateful(step.program, { name: 'step', ...step });
    const losses: number[] = [];
    for (let index = 0; index < 40; index++) {
      const outputs = await executable.step({
        ...inputs,
        learningRate: hostTensor(Float32Array.of(5e-3), []),
      });
      losses.push(outputs.loss?.data[0] as number);
    }
    await executable.dispose();
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] as number));
  }, 120_000);

  it('weights split the loss among the expressions', async () => {
    const cached = await frozen(model, values);
    const loss = (given: NamedTensors, weights: NamedTensors) => {
      const { scope } = createScope(weights, { training: true });
      const value = (own?: tf.Tensor) => model.trainLoss(scope, own ? { ...given, weights: own } : given).loss;
      return { plain: value(), sum: tf.add(value(tf.tensor1d([1, 0, 0])), value(tf.tensor1d([0, 1, 1]))) };
    };
    const { plain, sum } = await run('weights', loss, { ...cached, tokens, targets }, values);
    expect(sum?.data).toBeAllClose(plain?.data ?? [], { rtol: 1e-4 });
  });

  it('refuses to train on a single expression', async () => {
    const specs = { ...model.imageInputs(1), tokens: { shape: [1, tiny.maxTokens], dtype: 'int32' as const } };
    const batchOfOne = { ...specs, targets: { shape: [1, 4], dtype: 'float32' as const } };
    const make = () =>
      createTrainStep({ loss: (scope, given) => model.trainLoss(scope, given), batch: batchOfOne, values });
    expect(make).toThrow(/q_proj.*2 or more/);
  });
});

describe('simrec', () => {
  it('draws thirteen sides from 224 to 608 pixels, and trains from images then', () => {
    const model = createSimRec({ words: 10 });
    expect(model.trainingSides).toEqual(Array.from({ length: 13 }, (_, i) => 224 + 32 * i));
    expect(model.frozenOutputs).toBeUndefined();
    expect(model.imageInputs(2)).toEqual({ images: { shape: [2, 416, 416, 3], dtype: 'uint8' } });
    expect(createSimRec({ words: 10, multiScale: false, inputSize: 256 }).trainingSides).toEqual([256]);
  });

  it('freezes layers 0–7 with running statistics, or lets theirs move by choice', () => {
    const moving = (frozenStatistics: 'running' | 'batch') => {
      const model = createSimRec({ ...tiny, frozenStatistics });
      const { updatedStatistics } = declareParameters(
        (scope, given) => model.trainLoss(scope, given, { side: 64 }).loss,
        { images, tokens, targets },
      );
      return updatedStatistics.filter((name) => /^visual_encoder\.model\.[0-7]\./.test(name));
    };
    expect(moving('running')).toEqual([]);
    expect(moving('batch')).toContain('visual_encoder.model.0.bn.running_mean');
    const { isTrainable } = createSimRec(tiny);
    expect(isTrainable('visual_encoder.model.7.conv.weight')).toBe(false);
    expect(isTrainable('visual_encoder.model.8.cv1.conv.weight')).toBe(true);
  });
});
