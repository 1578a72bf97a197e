// The full-size model against numbers of PyTorch, on the compiled engine: forward pass, one training step, Adam and moving average.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createScope,
  createTrainStep,
  declareParameters,
  loadParameters,
  type ParameterSpec,
  toFileLayout,
} from '@refclip/nn';
import { createEngine, type HostTensor, hostTensor, type NamedHostTensors, type Program } from '@refclip/runtime';
import { fnv1a, mulberry32 } from '@refclip/testing';
import { deformConv2dLowering, multiScaleFusion } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRefClip, selectBestAnchor } from '../src/index.js';

interface Summary {
  readonly size: number;
  readonly mean: number;
  readonly std: number;
  readonly l2: number;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const folder = process.env.REFCLIP_SHARED;
if (!folder) throw new Error('Set REFCLIP_SHARED to the folder that holds fixtures/parity.');
const read = (name: string) => JSON.parse(readFileSync(join(folder, 'fixtures/parity', name), 'utf8'));
const parity = read('refclip-refcoco.json');
const shapes: Record<string, number[]> = read('state-dict-refcoco.json');

/** Tensors by the rule of the fixtures' README. */
function generated(name: string, shape: readonly number[]): HostTensor {
  const size = shape.reduce((product, d) => product * d, 1);
  const fanIn = shape.slice(1).reduce((product, d) => product * d, 1);
  const convolutionGain = name.includes('.module_list.') && name.endsWith('.1.conv.weight') ? 0.4 : 1.35;
  const gain = shape.length === 4 ? convolutionGain : name.startsWith('linear_') ? 0.3 : 1;
  const rule = (u: number) => {
    if (name.endsWith('.num_batches_tracked')) return 0;
    if (name.endsWith('.running_var')) return 0.75 + 0.5 * u;
    if (name.endsWith('.running_mean')) return 0.2 * (u - 0.5);
    if (/(batch_norm|norm1|norm2)\.weight$/.test(name)) return 0.9 + 0.2 * u;
    if (shape.length === 1) return 0.2 * (u - 0.5);
    if (name.includes('embedding')) return 2 * u - 1;
    return (2 * u - 1) * Math.sqrt(3 / fanIn) * gain;
  };
  return hostTensor(Float32Array.from(mulberry32(fnv1a(name), size), rule), shape);
}

function summarize(data: ArrayLike<number>) {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    sum += data[i] as number;
    squares += (data[i] as number) ** 2;
  }
  const mean = sum / data.length;
  return { mean, std: Math.sqrt(Math.max(0, squares / data.length - mean * mean)), l2: Math.sqrt(squares) };
}

/** @param tolerance relative to the tensor's norm (l2) and to its root mean square (samples). */
function expectSummary(what: string, data: ArrayLike<number>, expected: Summary, tolerance: number): void {
  expect(data.length, what).toBe(expected.size);
  const actual = summarize(data);
  const rms = expected.l2 / Math.sqrt(expected.size);
  expect(Math.abs(actual.l2 - expected.l2), `${what} l2`).toBeLessThanOrEqual(tolerance * expected.l2);
  expect(Math.abs(actual.mean - expected.mean), `${what} mean`).toBeLessThanOrEqual(tolerance * rms);
  const sampled = expected.at.map((at) => data[at] as number);
  // Single elements carry more rounding than norms: a LeakyReLU that flips its side changes a few elements of a gradient.
  expect(sampled, what).toBeAllClose(expected.values, { rtol: tolerance, atol: 20 * tolerance * rms });
}

const nchw = ({ data, shape }: HostTensor): Float32Array => {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const result = new Float32Array(data.length);
  let at = 0;
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) result[at++] = data[((b * height + y) * width + x) * channels + c] as number;
  return result;
};

const batch = 3;
const side = 416;
const model = createRefClip({ words: parity.config.vocab });
const files = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, generated(name, shape)]));
const values = loadParameters(model.parameters, files, { where: 'parity weights' });
const tokens = hostTensor(Int32Array.from(parity.tokens.flat()), [batch, 15]);
const pixels = mulberry32(fnv1a(parity.config.image), batch * 3 * side * side);
const images = new Float32Array(pixels.length);
for (let b = 0; b < batch; b++)
  for (let c = 0; c < 3; c++)
    for (let p = 0; p < side * side; p++)
      images[(b * side * side + p) * 3 + c] = (pixels[(b * 3 + c) * side * side + p] as number) * 4 - 2;
const engine = await createEngine({ engine: 'compiled', lowerings: [deformConv2dLowering] });

async function run(name: string, program: Program, inputs: NamedHostTensors): Promise<NamedHostTensors> {
  const { parameters } = declareParameters((scope, given) => program({ ...given, scope: scope as never }, {}), inputs);
  const constants = Object.fromEntries(parameters.map((spec) => [spec.name, values[spec.name] as HostTensor]));
  const executable = await engine.compile(
    (given, weights) => program({ ...given, scope: createScope(weights, { training: false }).scope as never }, {}),
    { name, inputs, constants },
  );
  const results = await executable.run(inputs);
  await executable.dispose();
  return results;
}

const dataOf = (tensors: NamedHostTensors, name: string) => (tensors[name] as HostTensor).data as Float32Array;
const scopeOf = (inputs: object) => (inputs as { scope: Parameters<typeof model.embedTexts>[0] }).scope;
let outputs: NamedHostTensors;

test('the generator gives the first values that the fixture lists', () => {
  for (const [name, first] of Object.entries(parity.generator as Record<string, number[]>)) {
    expect(Array.from((files[name] as HostTensor).data.slice(0, 4)), name).toBeAllClose(first.slice(0, 4), {
      rtol: 1e-6,
      atol: 1e-9,
    });
  }
});

test('forward: features, boxes, fused map, texts, selection, embeddings, prediction', async () => {
  const detected = await run(
    'detector',
    (given) => {
      const scope = scopeOf(given).child('visual_encoder').frozen();
      const { feature13, feature26, feature52, boxes } = model.detector.detect(scope, given.images as tf.Tensor4D);
      return { feature13, feature26, feature52, boxes: boxes[32] as tf.Tensor };
    },
    { images: hostTensor(images, [batch, side, side, 3]) },
  );
  const { boxes } = detected as Record<'boxes', HostTensor>;
  expectSummary('features_13', nchw(detected.feature13 as HostTensor), parity.eval.features_13, 1e-4);
  expectSummary('features_26', nchw(detected.feature26 as HostTensor), parity.eval.features_26, 1e-4);
  expectSummary('features_52', nchw(detected.feature52 as HostTensor), parity.eval.features_52, 1e-4);
  expectSummary('boxes_13', boxes.data, parity.eval.boxes_13, 1e-4);
  const kept = new Float32Array((boxes.data.length / 85) * 6);
  for (let box = 0; box < kept.length / 6; box++) {
    const row = boxes.data.slice(box * 85, (box + 1) * 85);
    const categories = row.slice(5);
    kept.set([...row.slice(0, 5), categories.indexOf(Math.max(...categories))], box * 6);
  }
  const { feature13, feature26, feature52 } = detected as Record<string, HostTensor>;
  outputs = { feature13, feature26, feature52, boxes: hostTensor(kept, [batch, 169, 4, 6]) } as NamedHostTensors;

  const results = await run(
    'model',
    (given) => {
      const scope = scopeOf(given);
      const maps = given as unknown as Record<'feature13' | 'feature26' | 'feature52', tf.Tensor4D>;
      const { anchors, boxes: own, cells } = model.embedImages(scope, given);
      const fused = multiScaleFusion(scope.child('multi_scale_manner'), maps, { hidden: 1024 });
      return { fused, anchors, own, cells, texts: model.embedTexts(scope, given.tokens as tf.Tensor2D) };
    },
    { ...outputs, tokens },
  );
  expectSummary('fused', nchw(results.fused as HostTensor), parity.eval.fused, 1e-4);
  expect(Array.from(results.cells?.data ?? [])).toEqual(parity.eval.selected_cells.flat());
  expectSummary('visual_embedding', results.anchors?.data ?? [], parity.eval.visual_embedding, 1e-4);
  expectSummary('text_embedding', results.texts?.data ?? [], parity.eval.text_embedding, 1e-4);
  for (let b = 0; b < batch; b++) {
    const image = {
      anchors: dataOf(results, 'anchors').slice(b * 17 * 512, (b + 1) * 17 * 512),
      boxes: dataOf(results, 'own').slice(b * 17 * 24, (b + 1) * 17 * 24),
      count: 17,
      boxesPerAnchor: 4,
    };
    const match = selectBestAnchor(image, dataOf(results, 'texts').slice(b * 512, (b + 1) * 512));
    // The fixture counts among the kept cells.
    expect(match.anchor).toBe(parity.eval.best_cell[b]);
    expect([...match.box, match.objectness]).toBeAllClose(parity.eval.box_xyxy_score[b], { rtol: 1e-4, atol: 1e-2 });
  }
});

test('training: loss, gradients, clipping, running statistics, Adam, moving average', async () => {
  const off = createRefClip({ words: parity.config.vocab, dropout: 0 });
  const plain = createTrainStep({
    loss: (scope, inputs) => off.trainLoss(scope, inputs),
    batch: { ...outputs, tokens },
    values,
    trainable: off.isTrainable,
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-9 },
    maxGradientNorm: 0.15,
  });
  const training = await engine.compileStateful(plain.program, { name: 'step', ...plain });
  const result = await training.step({ ...outputs, tokens, learningRate: hostTensor(Float32Array.of(1e-4), []) });
  expect(result.loss?.data).toBeAllClose([parity.train.loss], { rtol: 1e-4, atol: 0 });
  expect(result.gradientNorm?.data).toBeAllClose([parity.train.grad_norm_before_clip], { rtol: 1e-3, atol: 0 });
  const state = await training.readState();
  const specs = new Map(plain.specs.map((spec) => [spec.name, spec]));
  const inFile = (key: string, name: string) =>
    toFileLayout(specs.get(name) as ParameterSpec, state[`${key}/${name}`] as HostTensor).data;
  const clip = 0.15 / (parity.train.grad_norm_before_clip + 1e-6);
  const zero = /^linear_vs\.bias$|linear_k\.bias$|att_flat\.mlp\.linear\.bias$/;
  for (const [name, expected] of Object.entries(parity.train.grads as Record<string, Summary>)) {
    // After one step the first moment is a tenth of the clipped gradient.
    const gradient = Float32Array.from(inFile('adam.m', name), (m) => (10 * m) / clip);
    if (zero.test(name)) expect(summarize(gradient).l2, name).toBeLessThan(1e-3);
    else expectSummary(`gradient of ${name}`, gradient, expected, 1e-3);
  }
  for (const [name, expected] of Object.entries(parity.train.running_stats as Record<string, Summary>)) {
    expectSummary(name, inFile('statistic', name), expected, 1e-4);
  }
  for (const [key, list] of [
    ['parameter', parity.train.params_after_adam],
    ['ema', parity.train.ema_after_first_update],
  ] as const) {
    for (const [name, expected] of Object.entries(list as Record<string, Summary>)) {
      if (zero.test(name)) continue;
      expectSummary(`${key} ${name}`, inFile(key, name), expected, 1e-3);
    }
  }
  await engine.dispose();
});
