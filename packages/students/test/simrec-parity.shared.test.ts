// The full-size SimREC against float64 numbers of PyTorch, on the compiled engine. Tolerances are those of the fixtures' README.
import type { Scope } from '@refclip/nn';
import { type Engine, hostTensor, type NamedHostTensors, type NamedTensors } from '@refclip/runtime';
import {
  type ElementRule,
  fnv1a,
  generateTensor,
  mulberry32,
  scaledUniform,
  type TensorSummary,
} from '@refclip/testing';
import { cspDarknetTop } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assignPositives, createSimRec, yoloxLoss } from '../src/index.js';
import { simRecFrozenMaps, simRecImageMaps } from '../src/simrec/simrec-forward.js';
import {
  channelsFirst,
  expectSummary,
  generatedWeights,
  imagesOf,
  openEngine,
  readParity,
  runOnce,
  runStep,
  type StepResult,
} from './full-size-model.js';

const parity = readParity('simrec-refcoco.json');
const { batch, vocab: words } = parity.config as { batch: number; vocab: number };
const side = 416;
const cells = 169;

const rule: ElementRule = (name, shape) => {
  if (shape.length === 4 && name.startsWith('visual_encoder.')) {
    return scaledUniform(shape, name.includes('.m.') && name.includes('.cv2.') ? 0.6 : 1.6);
  }
  if (shape.length === 4 && name.startsWith('head.')) {
    return scaledUniform(shape, name.includes('reg_preds') ? 0.35 : name.includes('obj_preds') ? 1 : 1.6);
  }
  if (shape.length === 1 && name.endsWith('.weight')) return (u) => 0.9 + 0.2 * u;
  if (name === 'head.reg_preds.0.bias') return (u, at) => 0.2 * (u - 0.5) + (at < 2 ? 0.5 : 1.4);
  return undefined;
};

const model = createSimRec({ words, dropout: 0 });
const values = generatedWeights(model, readParity('state-dict-simrec.json'), rule);
const inFile = (name: string) => generateTensor(name, readParity('state-dict-simrec.json')[name] as number[], rule);
const pixels = Float32Array.from(mulberry32(fnv1a('image-simrec'), batch * 3 * side * side));
const images = imagesOf(pixels, batch, side);
const tokens = hostTensor(Int32Array.from((parity.tokens as number[][]).flat()), [batch, 15]);
const targets = hostTensor(Float32Array.from((parity.targets as number[][]).flat()), [batch, 4]);

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.dispose());

/** Every stage of the forward pass. */
const stages = (variant: typeof model) => (scope: Scope, inputs: NamedTensors) => {
  const frozen = simRecFrozenMaps(scope, inputs.images as tf.Tensor4D, variant.options);
  const features32 = cspDarknetTop(scope.child('visual_encoder'), frozen.stem32, variant.options);
  const encoded = { ...simRecImageMaps(scope, frozen, variant.options) };
  const { fused, ...rest } = variant.forward(scope, encoded, inputs.tokens as tf.Tensor2D);
  return { frozen, features32, encoded, fused, ...rest };
};

test('forward: features, fused maps, attention, boxes, prediction', async () => {
  const results = await runOnce(
    engine,
    'simrec',
    (scope, inputs) => {
      const { frozen, features32, encoded, fused, ...rest } = stages(model)(scope, inputs);
      const located = model.locate(scope, encoded, inputs.tokens as tf.Tensor2D);
      return {
        features_8: frozen.map8,
        features_16: frozen.map16,
        features_32: features32,
        fused_8: fused.map8,
        fused_16: fused.map16,
        fused_32: fused.map32,
        text: rest.text,
        multi_scale: rest.multiScale,
        attention: rest.attended,
        boxes: rest.boxes,
        objectness: rest.objectness,
        best: located.boxes,
        scores: located.scores,
      };
    },
    { images, tokens },
    values,
  );
  for (const [name, tensor] of Object.entries(results)) {
    const expected = parity.eval[name] as TensorSummary | undefined;
    const data = tensor.shape.length === 4 ? channelsFirst(tensor) : tensor.data;
    if (expected) expectSummary(name, data, expected, 1e-4);
  }
  const logits = results.objectness?.data ?? [];
  for (let b = 0; b < batch; b++) {
    const row = Array.from(logits).slice(b * cells, (b + 1) * cells);
    expect(row.indexOf(Math.max(...row))).toBe(parity.eval.best_cell[b]);
    const located = [...(results.best?.data.slice(4 * b, 4 * b + 4) ?? []), results.scores?.data[b] as number];
    expect(located).toBeAllClose(parity.eval.box_xyxy_score[b], { rtol: 1e-4, atol: 1e-3 });
  }
});

describe.each([
  ['train', 'batch'],
  ['train_frozen_statistics', 'running'],
] as const)('%s: one step, frozen layers on %s statistics', (part, frozenStatistics) => {
  const expected = parity[part];
  const variant = createSimRec({ words, dropout: 0, frozenStatistics });
  let step: StepResult;
  beforeAll(async () => {
    const loss = (scope: Scope, inputs: NamedTensors) => {
      const { features32, boxes, objectness, multiScale, attended, text } = stages(variant)(scope, inputs);
      const target = tf.mul(inputs.targets as tf.Tensor2D, side) as tf.Tensor2D;
      const { loss: value, parts, positive } = yoloxLoss({ boxes, objectness, target }, { stride: 32 });
      const { positives, ...losses } = parts;
      const own = variant.trainLoss(scope, inputs);
      return {
        loss: value,
        metrics: {
          ...losses,
          positives,
          positive,
          text,
          features_32: features32,
          multi_scale: multiScale,
          attention: attended,
          boxes,
          logits: objectness,
          own: own.loss,
        },
      };
    };
    step = await runStep(engine, variant, loss, { images, tokens, targets }, values);
  }, 1_200_000);

  test('intermediate maps and the assignment', () => {
    const tolerance = frozenStatistics === 'batch' ? 3e-4 : 1e-4;
    for (const name of ['text', 'features_32', 'multi_scale', 'attention', 'boxes', 'objectness']) {
      const summary = expected[name] as TensorSummary | undefined;
      const tensor = step.outputs[name === 'objectness' ? 'logits' : name];
      if (!summary || !tensor) continue;
      // The maps after the fusion pass BatchNorm of two values per channel in either reading.
      const reached = name === 'text' ? 1e-4 : Math.max(tolerance, 3e-4);
      expectSummary(name, tensor.shape.length === 4 ? channelsFirst(tensor) : tensor.data, summary, reached);
    }
    const positive = Array.from(step.outputs.positive?.data ?? []);
    expected.assignment.forEach((assignment: { positive: number[] }, b: number) => {
      const row = positive.slice(b * cells, (b + 1) * cells);
      expect(row.flatMap((value, cell) => (value ? [cell] : []))).toEqual(assignment.positive);
    });
  });

  test('loss, its parts, and the gradient norm', () => {
    const at = (name: string) => step.outputs[name]?.data as Float32Array;
    expect([at('loss')[0], at('own')[0]]).toBeAllClose([expected.loss, expected.loss], { rtol: 1e-5, atol: 0 });
    expect(at('iou')).toBeAllClose([expected.loss_iou], { rtol: 1e-4, atol: 0 });
    expect(at('objectness')).toBeAllClose([expected.loss_objectness], { rtol: 1e-5, atol: 0 });
    expect(at('positives')[0]).toBe(expected.positives);
    expect(at('gradientNorm')).toBeAllClose([expected.grad_norm_before_clip], { rtol: 2e-2, atol: 0 });
  });

  test('every gradient', () => {
    const trained = model.parameters.filter(({ kind, name }) => kind === 'parameter' && model.isTrainable(name));
    const zero = new Set<string>(parity.train.zero_gradient);
    const without = new Set<string>(parity.train.no_gradient);
    const compared = trained.map(({ name }) => name).filter((name) => !zero.has(name) && !without.has(name));
    expect(compared.sort()).toEqual(Object.keys(expected.grads).sort());
    for (const [name, summary] of Object.entries(expected.grads as Record<string, TensorSummary>)) {
      expectSummary(`gradient of ${name}`, step.gradient(name), summary, { norm: 2e-2, samples: 0.1 });
    }
    const norms = Object.values(expected.grads as Record<string, TensorSummary>).map(({ l2 }) => l2);
    for (const name of zero) expect(Math.hypot(...step.gradient(name)), name).toBeLessThan(1e-3 * Math.max(...norms));
    for (const name of without) expect(step.has('parameter', name), name).toBe(false);
  });

  if (part === 'train') {
    test('running statistics, Adam and the moving average', () => {
      // The unused projections are not computed, so theirs stay.
      const used = (name: string) => !/multi_scale_manner\.(mid|bot)_proj/.test(name);
      for (const [name, summary] of Object.entries(expected.running_stats as Record<string, TensorSummary>)) {
        if (used(name)) expectSummary(name, step.inFile('statistic', name), summary, 3e-4);
      }
      type Change = TensorSummary & { readonly grad_before_clip: number[]; readonly change: number[] };
      for (const [name, change] of Object.entries(expected.params_after_adam as Record<string, Change>)) {
        const after = step.inFile('parameter', name);
        const rms = Math.sqrt(step.gradient(name).reduce((sum, value) => sum + value * value, 0) / change.size);
        let compared = 0;
        change.at.forEach((at, i) => {
          if (Math.abs(change.grad_before_clip[i] as number) < rms / 10) return;
          compared++;
          const moved = (after[at] as number) - ((change.values[i] as number) - (change.change[i] as number));
          expect(Math.abs(moved - (change.change[i] as number)), `${name}[${at}]`).toBeLessThanOrEqual(5e-6);
        });
        expect(compared, name).toBeGreaterThan(0);
        // Where a gradient is near zero, rounding decides the sign of Adam's first step: single elements are compared above.
        expectSummary(name, after, change, { norm: 1e-3, samples: Number.POSITIVE_INFINITY });
      }
      for (const [name, summary] of Object.entries(expected.ema_after_first_update as Record<string, TensorSummary>)) {
        if (!used(name)) continue;
        const isStatistic = /running_(mean|var)$/.test(name);
        const average = step.inFile('ema', name);
        expectSummary(`average of ${name}`, average, summary, {
          norm: 1e-3,
          samples: isStatistic ? 3e-4 : Number.POSITIVE_INFINITY,
        });
        const initial = inFile(name);
        const after = step.inFile(isStatistic ? 'statistic' : 'parameter', name);
        const mixed = after.map((value, i) => 0.1 * (initial[i] as number) + 0.9 * value);
        expect(average, name).toBeAllClose(mixed, { rtol: 1e-5, atol: 1e-6 });
      }
    });
  }
});

test('the assignment alone', async () => {
  for (const { name, map, target, ...expected } of parity.assignment_cases) {
    const count = map * map;
    const u = mulberry32(fnv1a(`boxes:${name}`), 4 * count);
    const boxes = Float32Array.from(u, (value, i) => {
      const cell = Math.floor(i / 4);
      const origin = i % 4 === 0 ? cell % map : Math.floor(cell / map);
      return i % 4 < 2 ? (origin + value) * 32 : 32 + 200 * value;
    });
    expect(boxes.subarray(0, 12)).toBeAllClose(expected.boxes, { rtol: 1e-6, atol: 0 });
    const inputs: NamedHostTensors = {
      boxes: hostTensor(boxes, [1, count, 4]),
      target: hostTensor(
        Float32Array.from(target, (value: number) => value * 32 * map),
        [1, 4],
      ),
    };
    const executable = await engine.compile(
      (given) => ({ ...assignPositives(given.boxes as tf.Tensor3D, given.target as tf.Tensor2D, { stride: 32 }) }),
      { name: 'assignment', inputs },
    );
    const { positive, candidate, central } = await executable.run(inputs);
    await executable.dispose();
    const listed = Array.from(positive?.data ?? []).flatMap((value, cell) => (value ? [cell] : []));
    expect(listed, name).toEqual([...expected.positive].sort((a: number, b: number) => a - b));
    const sum = (data: ArrayLike<number> = []) => Array.from(data).reduce((total, value) => total + value, 0);
    expect(sum(candidate?.data), name).toBe(expected.candidates);
    if (expected.candidates) {
      const both = Array.from(central?.data ?? [], (value, i) => value * (candidate?.data[i] as number));
      expect(sum(both), name).toBe(expected.in_box_and_centre);
    }
  }
});
