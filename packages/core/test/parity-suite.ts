import type { Engine, HostTensor, NamedHostTensors } from '@refclip/runtime';
import { hostTensor } from '@refclip/runtime';
import { compareSummary, type SummaryTolerance, type TensorSummary } from '@refclip/testing';
import { gruAttentionEncoder } from '@refclip/text';
import { IMAGE_DEVIATION, IMAGE_MEAN, multiScaleFusion, STRIDES } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selectBestAnchor } from '../src/index.js';
import {
  batch,
  batchNumbers,
  frozenNumbers,
  nchw,
  parityImages,
  parityModel,
  parityTokens,
  parityValues,
  runOnce,
  side,
  trainOnce,
} from './parity-model.js';

/** Zero in exact arithmetic, rounding noise in files: compared absolutely. */
const zero = /^linear_vs\.bias$|linear_k\.bias$|att_flat\.mlp\.linear\.bias$/;

/** Of forward values: norms, and sampled elements relative to the tensor's root mean square. */
const forward = { norm: 1e-4, together: 1e-4, samples: 1e-3 };
/**
 * Of gradients: norms within 1e-3. A LeakyReLU that flips its side changes single elements tenfold, so samples carry more rounding: those of PyTorch's own
 * float32 differ from float64 by 2.0e-3 with the detector frozen and by 1.3e-2 with it on batch statistics (`float32_noise_of_gradients` in the fixture). Two float32 programs that round differently
 * flip different ones, so samples together may be off by twice that.
 */
const gradient = { norm: 1e-3, together: 4e-3, samples: 2e-2 };
const gradientOnBatch = { norm: 1e-3, together: 2.6e-2, samples: 6e-2 };

/** Holds tensors against summaries, all before it fails, and says how near they were. */
function comparison(where: string, tolerance: SummaryTolerance) {
  const problems: string[] = [];
  let [count, norm, samples] = [0, 0, 0];
  return {
    add(name: string, data: ArrayLike<number>, expected: TensorSummary) {
      for (const problem of compareSummary(data, expected, tolerance)) problems.push(`${name}: ${problem}`);
      const rms = expected.l2 / Math.sqrt(expected.size);
      const differences = expected.at.map((at, i) => (data[at] as number) - (expected.values[i] as number));
      let squares = 0;
      for (let at = 0; at < data.length; at++) squares += (data[at] as number) ** 2;
      count++;
      norm = Math.max(norm, Math.abs(Math.sqrt(squares) / expected.l2 - 1));
      samples = Math.max(samples, Math.hypot(...differences) / Math.sqrt(differences.length) / rms);
    },
    finish() {
      console.log(
        `${where}: ${count} tensors; norms within ${norm.toExponential(1)}, samples within ${samples.toExponential(1)}`,
      );
      expect(problems, where).toEqual([]);
    },
  };
}

/** How an engine is held against the fixtures. */
export interface ParitySuiteOptions {
  /** Images per run of the detector alone. Default all. */
  readonly imagesPerRun?: number;
  /** Tolerance of gradients with the detector frozen. */
  readonly gradients?: SummaryTolerance;
  /** Whether the whole model trains at once, detector included. Default true. */
  readonly wholeModel?: boolean;
}

/** The full-size model against PyTorch's numbers on one engine: every summary of the fixtures. */
export function paritySuite(
  name: string,
  createEngine: () => Promise<Engine>,
  { imagesPerRun: perRun = batch, gradients: ownGradient = gradient, wholeModel = true }: ParitySuiteOptions = {},
): void {
  const model = parityModel();
  const tokens = parityTokens();
  let values: NamedHostTensors;
  let engine: Engine;
  /** What the detector gives the rest of the model. */
  let outputs: NamedHostTensors;
  beforeAll(async () => {
    values = parityValues(model);
    engine = await createEngine();
  });
  afterAll(() => engine.dispose());

  test(`${name}: features and boxes of the three scales`, async () => {
    const images = parityImages();
    const parts: NamedHostTensors[] = [];
    for (let start = 0; start < batch; start += perRun) {
      const size = side * side * 3;
      const own = hostTensor(images.data.slice(start * size, (start + perRun) * size), [perRun, side, side, 3]);
      parts.push(
        await runOnce(
          engine,
          values,
          (scope, given) => {
            const detected = model.detector.detect(
              scope.child('visual_encoder').frozen(),
              given.images as tf.Tensor4D,
              {
                heads: STRIDES,
              },
            );
            const { boxes, ...features } = detected;
            return { ...features, boxes13: boxes[32], boxes26: boxes[16], boxes52: boxes[8] } as Record<
              string,
              tf.Tensor
            >;
          },
          { images: own },
        ),
      );
    }
    const detected = joined(parts);
    const compare = comparison(`${name}, detector`, forward);
    for (const scale of [13, 26, 52]) {
      compare.add(
        `features_${scale}`,
        nchw(detected[`feature${scale}`] as HostTensor),
        frozenNumbers.eval[`features_${scale}`],
      );
      compare.add(
        `boxes_${scale}`,
        (detected[`boxes${scale}`] as HostTensor).data,
        frozenNumbers.eval[`boxes_${scale}`],
      );
    }
    compare.finish();
    const { feature13, feature26, feature52, boxes13 } = detected as Record<string, HostTensor>;
    outputs = { feature13, feature26, feature52, boxes: withoutScores(boxes13 as HostTensor) } as NamedHostTensors;
  });

  test(`${name}: fused map, texts, selected cells, embeddings, predictions`, async () => {
    const results = await runOnce(
      engine,
      values,
      (scope, given) => {
        const maps = given as unknown as Record<'feature13' | 'feature26' | 'feature52', tf.Tensor4D>;
        const { anchors, boxes, cells } = model.embedImages(scope, given);
        const fused = multiScaleFusion(scope.child('multi_scale_manner'), maps, { hidden: 1024 });
        const words = { words: model.options.words };
        const text = gruAttentionEncoder(scope.child('lang_encoder'), given.tokens as tf.Tensor2D, words);
        const texts = model.embedTexts(scope, given.tokens as tf.Tensor2D);
        return { fused, anchors, own: boxes, cells, text: text.sentenceEmbedding, texts };
      },
      { ...outputs, tokens },
    );
    const at = (key: string) => (results[key] as HostTensor).data;
    const compare = comparison(`${name}, forward`, forward);
    compare.add('fused', nchw(results.fused as HostTensor), frozenNumbers.eval.fused);
    compare.add('text', at('text'), frozenNumbers.eval.text);
    compare.add('visual_embedding', at('anchors'), frozenNumbers.eval.visual_embedding);
    compare.add('text_embedding', at('texts'), frozenNumbers.eval.text_embedding);
    compare.finish();
    expect(Array.from(at('cells'))).toEqual(frozenNumbers.eval.selected_cells.flat());
    for (let b = 0; b < batch; b++) {
      const image = {
        anchors: at('anchors').slice(b * 17 * 512, (b + 1) * 17 * 512) as Float32Array,
        boxes: at('own').slice(b * 17 * 24, (b + 1) * 17 * 24) as Float32Array,
        count: 17,
        boxesPerAnchor: 4,
      };
      const match = selectBestAnchor(image, at('texts').slice(b * 512, (b + 1) * 512) as Float32Array);
      // The fixture counts among the kept cells.
      expect(match.anchor).toBe(frozenNumbers.eval.best_cell[b]);
      // Pixels of the letterbox: 1e-4 of its side.
      expect([...match.box]).toBeAllClose(frozenNumbers.eval.box_xyxy_score[b].slice(0, 4), {
        rtol: 0,
        atol: 1e-4 * side,
      });
      expect(match.objectness).toBeCloseTo(frozenNumbers.eval.box_xyxy_score[b][4], 4);
    }
  });

  test(`${name}: training with the detector frozen`, async () => {
    const still = parityModel({ dropout: 0 });
    const { train } = frozenNumbers;
    const trained = await trainOnce(engine, values, {
      loss: (scope, inputs) => still.trainLoss(scope, inputs),
      trainable: still.isTrainable,
      inputs: { ...outputs, tokens },
    });
    expect([trained.loss]).toBeAllClose([train.loss], { rtol: 1e-4, atol: 0 });
    expect([trained.gradientNorm]).toBeAllClose([train.grad_norm_before_clip], { rtol: 1e-3, atol: 0 });
    const gradients = comparison(`${name}, gradients`, ownGradient);
    for (const [key, expected] of Object.entries<TensorSummary>(train.grads)) {
      const found = trained.tensor('gradient', key);
      // Norms of zeros: the others lie between 3e-3 and 70.
      if (zero.test(key)) expect(Math.hypot(...Array.from(found)), key).toBeLessThan(1e-4);
      else gradients.add(key, found, expected);
    }
    gradients.finish();
    const statistics = comparison(`${name}, running statistics`, forward);
    for (const [key, expected] of Object.entries<TensorSummary>(train.running_stats))
      statistics.add(key, trained.tensor('statistic', key), expected);
    statistics.finish();
    const updated = comparison(`${name}, parameters after Adam and averages`, forward);
    for (const [kind, list] of [
      ['parameter', train.params_after_adam],
      ['ema', train.ema_after_first_update],
    ] as const) {
      for (const [key, expected] of Object.entries<TensorSummary>(list)) {
        const tensor = trained.tensor(kind, key);
        if (!zero.test(key)) updated.add(`${kind} ${key}`, tensor, expected);
        // Adam moves a parameter by at most its rate, whatever sign rounding gave the gradient.
        else
          for (const [i, at] of expected.at.entries())
            expect(Math.abs((tensor[at] as number) - (expected.values[i] as number))).toBeLessThan(2.01e-4);
      }
    }
    updated.finish();
  });

  test.runIf(wholeModel)(`${name}: training with the detector on batch statistics, as the official loop`, async () => {
    const still = parityModel({ dropout: 0 });
    // The fixture's images are normalized already.
    const images = denormalized(parityImages());
    const trained = await trainOnce(engine, values, {
      loss: (scope, inputs) => {
        const seen = still.detectorOutputs(scope, inputs.images as tf.Tensor4D, 'batch');
        const { loss } = still.trainLoss(scope, { ...seen, tokens: inputs.tokens as tf.Tensor });
        return { loss, metrics: seen };
      },
      trainable: still.isTrainable,
      inputs: { images, tokens },
    });
    const seen = comparison(`${name}, detector on batch statistics`, forward);
    for (const scale of [13, 26, 52])
      seen.add(
        `features_${scale}`,
        nchw(trained.metrics[`feature${scale}`] as HostTensor),
        batchNumbers[`features_${scale}`],
      );
    seen.finish();
    expect(keptCells((trained.metrics.boxes as HostTensor).data)).toEqual(batchNumbers.selected_cells);
    expect([trained.loss]).toBeAllClose([batchNumbers.loss], { rtol: 1e-4, atol: 0 });
    expect([trained.gradientNorm]).toBeAllClose([batchNumbers.grad_norm], { rtol: 1e-3, atol: 0 });
    const gradients = comparison(`${name}, gradients on batch statistics`, gradientOnBatch);
    for (const [key, expected] of Object.entries<TensorSummary>(batchNumbers.grads))
      gradients.add(key, trained.tensor('gradient', key), expected);
    gradients.finish();
    const statistics = comparison(`${name}, running statistics of detector and fusion`, forward);
    for (const [key, expected] of Object.entries<TensorSummary>(batchNumbers.running_stats))
      statistics.add(key, trained.tensor('statistic', key), expected);
    statistics.finish();
  });
}

/** Pixels in 0 … 255 that the model's normalization takes to these. */
function denormalized({ data, shape }: HostTensor): HostTensor {
  const [mean, deviation] = [IMAGE_MEAN, IMAGE_DEVIATION];
  const pixel = (value: number, channel: number) =>
    255 * (value * (deviation[channel] as number) + (mean[channel] as number));
  return hostTensor(
    Float32Array.from(data as Float32Array, (value, i) => pixel(value, i % 3)),
    shape,
  );
}

/** Of each image the 17 cells of the highest mean objectness, in grid order. @param boxes `[3, 169, 4, 6]` */
function keptCells(boxes: ArrayLike<number>): number[][] {
  return Array.from({ length: batch }, (_, b) => {
    const means = Array.from({ length: 169 }, (_, cell) =>
      [0, 1, 2, 3].reduce((sum, box) => sum + (boxes[((b * 169 + cell) * 4 + box) * 6 + 4] as number), 0),
    );
    const order = means.map((_, cell) => cell).sort((i, j) => (means[j] as number) - (means[i] as number));
    return order.slice(0, 17).sort((i, j) => i - j);
  });
}

function joined(parts: readonly NamedHostTensors[]): NamedHostTensors {
  const [first] = parts as [NamedHostTensors];
  return Object.fromEntries(
    Object.entries(first).map(([name, { shape }]) => {
      const all = parts.map((part) => (part[name] as HostTensor).data as Float32Array);
      const data = new Float32Array(all.reduce((length, one) => length + one.length, 0));
      let at = 0;
      for (const one of all) {
        data.set(one, at);
        at += one.length;
      }
      return [name, hostTensor(data, [batch, ...shape.slice(1)])];
    }),
  );
}

/** Boxes with the scores of 80 categories, as the model keeps them: with the number of the best. */
function withoutScores({ data }: HostTensor): HostTensor {
  const kept = new Float32Array((data.length / 85) * 6);
  for (let box = 0; box < kept.length / 6; box++) {
    const row = data.slice(box * 85, (box + 1) * 85);
    const categories = row.slice(5);
    kept.set([...row.slice(0, 5), categories.indexOf(Math.max(...categories))], box * 6);
  }
  return hostTensor(kept, [batch, 169, 4, 6]);
}
