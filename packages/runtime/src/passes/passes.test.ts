import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor, sizeOf } from '../host-tensor.js';
import type { Graph } from '../ir/graph.js';
import { printGraph } from '../ir/print-graph.js';
import { validateGraph } from '../ir/validate-graph.js';
import { lowerGraph } from '../lower/lower-graph.js';
import { type RecordOptions, recordProgram } from '../trace/record-program.js';
import type { CompileOptions, NamedHostTensors, Program } from '../types.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { optimizeGraph } from './optimize-graph.js';
import { placeChannelsFirst } from './place-channels-first.js';
import { removeDeadNodes } from './remove-dead-nodes.js';

const vector = { name: 'program', inputs: { x: { shape: [2], dtype: 'float32' } } } as const;
const random = (name: string, shape: readonly number[], low = -1, high = 1) =>
  hostTensor(uniform(name, sizeOf(shape), low, high), shape);

function shown(pass: (graph: Graph) => Graph, program: Program, options: RecordOptions) {
  const before = recordProgram(program, options);
  const printed = printGraph(before);
  const after = pass(before);
  validateGraph(after);
  // A pass makes a new graph and leaves the old one alone.
  expect(printGraph(before)).toBe(printed);
  return `${printed}\n→\n${printGraph(after)}`;
}

describe('removeDeadNodes', () => {
  test('drops what no output needs', () => {
    const program: Program = ({ x }) => {
      tf.exp(x as tf.Tensor);
      return { y: tf.neg(x as tf.Tensor) };
    };
    expect(shown(removeDeadNodes, program, vector)).toMatchInlineSnapshot(`
      "graph program
        input x: %0 float32[2]
        %1 float32[2] = Exp(x: %0)
        %2 float32[2] = Neg(x: %0)
        output y: %2
      →
      graph program
        input x: %0 float32[2]
        %1 float32[2] = Neg(x: %0)
        output y: %1"
    `);
  });
});

describe('mergeCommonSubexpressions', () => {
  test('computes equal calls once', () => {
    const program: Program = ({ x }) => ({ y: tf.add(tf.exp(x as tf.Tensor), tf.exp(x as tf.Tensor)) });
    expect(shown(mergeCommonSubexpressions, program, vector)).toMatchInlineSnapshot(`
      "graph program
        input x: %0 float32[2]
        %1 float32[2] = Exp(x: %0)
        %2 float32[2] = Exp(x: %0)
        %3 float32[2] = Add(a: %1, b: %2)
        output y: %3
      →
      graph program
        input x: %0 float32[2]
        %1 float32[2] = Exp(x: %0)
        %2 float32[2] = Add(a: %1, b: %1)
        output y: %2"
    `);
  });
});

describe('foldConstants', () => {
  test('computes what depends on constants alone', () => {
    const program: Program = ({ x }, { c }) => ({ y: tf.mul(x as tf.Tensor, tf.rsqrt(tf.add(c as tf.Tensor, 3))) });
    const options = { ...vector, constants: { c: hostTensor(Float32Array.of(1, 13), [2]) } };
    expect(shown(foldConstants, program, options)).toMatchInlineSnapshot(`
      "graph program
        input x: %0 float32[2]
        constant %1 float32[2] "c" = [1, 13]
        constant %2 float32[] = [3]
        %3 float32[2] = Add(a: %1, b: %2)
        %4 float32[2] = Rsqrt(x: %3)
        %5 float32[2] = Multiply(a: %0, b: %4)
        output y: %5
      →
      graph program
        input x: %0 float32[2]
        constant %1 float32[2] "c" = [1, 13]
        constant %2 float32[] = [3]
        constant %3 float32[2] = [4, 16]
        constant %4 float32[2] = [0.5, 0.25]
        %5 float32[2] = Multiply(a: %0, b: %4)
        output y: %5"
    `);
  });

  test('joins lists of constants', () => {
    const program: Program = ({ x }, { c }) => ({
      y: tf.add(x as tf.Tensor, tf.concat([c as tf.Tensor1D, c as tf.Tensor1D])),
    });
    const options = { ...vector, constants: { c: hostTensor(Float32Array.of(4), [1]) } };
    expect(shown(foldConstants, program, options)).toMatchInlineSnapshot(`
      "graph program
        input x: %0 float32[2]
        constant %1 float32[1] "c" = [4]
        %2 float32[2] = Concat(0: %1, 1: %1) {axis: 0}
        %3 float32[2] = Add(a: %0, b: %2)
        output y: %3
      →
      graph program
        input x: %0 float32[2]
        constant %1 float32[1] "c" = [4]
        constant %2 float32[2] = [4, 4]
        %3 float32[2] = Add(a: %0, b: %2)
        output y: %3"
    `);
  });
});

test('folded flags, integers and floats keep their types', async () => {
  const program: Program = ({ x }, { c, n }) => {
    const isLarge = tf.logicalNot(tf.less(c as tf.Tensor, 2));
    return {
      y: tf.mul(x as tf.Tensor, tf.cast(tf.logicalAnd(isLarge, tf.greater(n as tf.Tensor, 1)), 'float32')),
      isLarge,
    };
  };
  const constants = { c: hostTensor(Float32Array.of(1, 3), [2]), n: hostTensor(Int32Array.of(5, 6), [2]) };
  const feeds = { x: hostTensor(Float32Array.of(7, 8), [2]) };
  const [plain, folded] = await resultsOf(program, { ...vector, constants }, feeds);
  expect(folded).toEqual(plain);
});

const map = { name: 'program', inputs: { x: { shape: [1, 4, 4, 2], dtype: 'float32' } } } as const;
const normalization = {
  w: random('w', [3, 3, 2, 3]),
  weight: random('weight', [3], 0.5, 2),
  bias: random('bias', [3]),
  mean: random('mean', [3]),
  variance: random('variance', [3], 0.5, 2),
};
const normalized: Program = ({ x }, { w, weight, bias, mean, variance }) => {
  const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
  const scale = tf.mul(weight as tf.Tensor, tf.rsqrt(tf.add(variance as tf.Tensor, 1e-5)));
  const shift = tf.sub(bias as tf.Tensor, tf.mul(mean as tf.Tensor, scale));
  return { y: tf.leakyRelu(tf.add(tf.mul(y, scale), shift), 0.1) };
};

async function resultsOf(program: Program, options: CompileOptions, feeds: NamedHostTensors) {
  const results: NamedHostTensors[] = [];
  for (const name of ['cpu', 'compiled'] as const) {
    const engine = await createEngine({ engine: name });
    results.push(await (await engine.compile(program, options)).run(feeds));
    await engine.dispose();
  }
  return results as [NamedHostTensors, NamedHostTensors];
}

describe('foldBatchNorm', () => {
  const options = { ...map, constants: normalization };
  test('moves scale and shift into filter and bias', () => {
    const prepared = (graph: Graph) => removeDeadNodes(foldBatchNorm(foldConstants(graph)));
    expect(shown(prepared, normalized, options)).toMatchInlineSnapshot(`
      "graph program
        input x: %0 float32[1, 4, 4, 2]
        constant %1 float32[3, 3, 2, 3] "w"
        constant %2 float32[3] "weight" = [0.5433389544487, 1.2689403295516968, 1.110776424407959]
        constant %3 float32[3] "bias" = [0.05254587531089783, 0.8051262497901917, 0.783471405506134]
        constant %4 float32[3] "mean" = [0.22091910243034363, -0.04045324772596359, -0.6636878252029419]
        constant %5 float32[3] "variance" = [0.8528187870979309, 1.151790738105774, 1.8095873594284058]
        constant %6 float32[] = [0.000009999999747378752]
        %7 float32[1, 4, 4, 3] = Conv2D(x: %0, filter: %1) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1]}
        %8 float32[3] = Add(a: %5, b: %6)
        %9 float32[3] = Rsqrt(x: %8)
        %10 float32[3] = Multiply(a: %2, b: %9)
        %11 float32[3] = Multiply(a: %4, b: %10)
        %12 float32[3] = Sub(a: %3, b: %11)
        %13 float32[1, 4, 4, 3] = Multiply(a: %7, b: %10)
        %14 float32[1, 4, 4, 3] = Add(a: %13, b: %12)
        %15 float32[1, 4, 4, 3] = LeakyRelu(x: %14) {alpha: 0.1}
        output y: %15
      →
      graph program
        input x: %0 float32[1, 4, 4, 2]
        constant %1 float32[3] = [-0.07743310928344727, 0.8529568314552307, 1.3314952850341797]
        constant %2 float32[3, 3, 2, 3]
        %3 float32[1, 4, 4, 3] = FusedConv2D(x: %0, filter: %2, bias: %1) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1], activation: "linear"}
        %4 float32[1, 4, 4, 3] = LeakyRelu(x: %3) {alpha: 0.1}
        output y: %4"
    `);
  });

  test('gives the same values', async () => {
    const [plain, folded] = await resultsOf(normalized, options, { x: random('x', [1, 4, 4, 2]) });
    expect(folded.y?.data as Float32Array).toBeAllClose(plain.y?.data as Float32Array, { rtol: 1e-5, atol: 1e-6 });
  });

  test('leaves a convolution alone whose result is also used as it is', () => {
    const program: Program = ({ x }, { w, weight }) => {
      const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
      return { y, z: tf.mul(y, weight as tf.Tensor) };
    };
    const graph = foldBatchNorm(recordProgram(program, options));
    expect(graph.nodes.map(({ kernel }) => kernel)).toEqual(['Conv2D', 'Multiply']);
  });
});

/** What YOLOv3 is made of: strided and plain convolutions, residual sums, pooling, joins, upsampling. */
const backbone: Program = ({ x }, constants) => {
  const convolution = (t: tf.Tensor4D, name: string, stride = 1): tf.Tensor4D => {
    const y = tf.add(tf.conv2d(t, constants[name] as tf.Tensor4D, stride, 'same'), constants.bias as tf.Tensor);
    return tf.leakyRelu(y, 0.1) as tf.Tensor4D;
  };
  const stem = convolution(x as tf.Tensor4D, 'stem');
  const half = convolution(stem, 'a', 2);
  const residual = tf.add(half, convolution(convolution(half, 'b'), 'c')) as tf.Tensor4D;
  const pooled = [3, 5].map((window) => tf.maxPool(residual, window, 1, 'same'));
  const joined = tf.concat([residual, ...pooled], 3) as tf.Tensor4D;
  const quarter = convolution(joined, 'wide', 2);
  const [, height, width] = quarter.shape;
  const up = tf.image.resizeNearestNeighbor(quarter, [height * 2, width * 2]);
  const last = convolution(tf.concat([up, residual], 3) as tf.Tensor4D, 'top');
  return { last, mean: tf.mean(tf.square(tf.sub(last, 0.5)), [1, 2]), vector: tf.reshape(last, [1, -1]) };
};
const filters = (names: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(names).map(([name, shape]) => [name, random(name, shape)]));
const yolo = {
  name: 'backbone',
  inputs: { x: { shape: [1, 8, 8, 3], dtype: 'float32' } },
  constants: {
    ...filters({
      stem: [3, 3, 3, 4],
      a: [3, 3, 4, 4],
      b: [1, 1, 4, 4],
      c: [3, 3, 4, 4],
      wide: [1, 1, 12, 4],
      top: [3, 3, 8, 4],
    }),
    bias: random('bias', [4]),
  },
} as const;

describe('placeChannelsFirst', () => {
  test('transposes where maps enter and leave alone', () => {
    const program: Program = ({ x }, { w, weight }) => {
      const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
      return { y: tf.maxPool(tf.mul(tf.relu(y), weight as tf.Tensor) as tf.Tensor4D, 2, 2, 'valid') };
    };
    const options = { ...map, constants: { w: normalization.w, weight: normalization.weight } };
    expect(shown(placeChannelsFirst, program, options)).toMatchInlineSnapshot(`
      "graph program
        input x: %0 float32[1, 4, 4, 2]
        constant %1 float32[3, 3, 2, 3] "w"
        constant %2 float32[3] "weight" = [0.5433389544487, 1.2689403295516968, 1.110776424407959]
        %3 float32[1, 4, 4, 3] = Conv2D(x: %0, filter: %1) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1]}
        %4 float32[1, 4, 4, 3] = Relu(x: %3)
        %5 float32[1, 4, 4, 3] = Multiply(a: %4, b: %2)
        %6 float32[1, 2, 2, 3] = MaxPool(x: %5) {filterSize: 2, strides: 2, pad: "valid"}
        output y: %6
      →
      graph program
        input x: %0 float32[1, 4, 4, 2]
        constant %1 float32[3, 3, 2, 3] "w"
        constant %2 float32[3] "weight" = [0.5433389544487, 1.2689403295516968, 1.110776424407959]
        %3 float32[1, 2, 4, 4] = Transpose(x: %0) {perm: [0,3,1,2]}
        %4 float32[1, 3, 4, 4] = Conv2D(x: %3, filter: %1) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1], layout: "NCHW"}
        %5 float32[1, 3, 4, 4] = Relu(x: %4)
        %6 float32[3, 1, 1] = Reshape(x: %2) {shape: [3,1,1]}
        %7 float32[1, 3, 4, 4] = Multiply(a: %5, b: %6)
        %8 float32[1, 3, 2, 2] = MaxPool(x: %7) {filterSize: 2, strides: 2, pad: "valid", layout: "NCHW"}
        %9 float32[1, 2, 2, 3] = Transpose(x: %8) {perm: [0,2,3,1]}
        output y: %9"
    `);
  });

  test('leaves no transpose between the convolutions of a detector', () => {
    const graph = optimizeGraph(recordProgram(backbone, yolo));
    const moves = graph.nodes.filter(({ kernel }) => kernel === 'Transpose');
    // One for the image, one for what leaves as a map and as its flat form.
    expect(moves.map(({ inputs, outputs }) => [inputs[0]?.spec.shape, outputs[0]?.spec.shape])).toEqual([
      [
        [1, 8, 8, 3],
        [1, 3, 8, 8],
      ],
      [
        [1, 4, 4, 4],
        [1, 4, 4, 4],
      ],
    ]);
    const model = lowerGraph(graph);
    const filterMoves = Object.keys(yolo.constants).length - 1;
    expect(model.graph.node.filter(({ op_type }) => op_type === 'Transpose')).toHaveLength(2 + filterMoves);
  });

  test('gives the same values', async () => {
    const [plain, placed] = await resultsOf(backbone, yolo, { x: random('image', [1, 8, 8, 3]) });
    for (const name of ['last', 'mean', 'vector']) {
      expect(placed[name] as NamedHostTensors[string]).toBeAllClose(plain[name] as NamedHostTensors[string], {
        rtol: 1e-5,
        atol: 1e-5,
      });
    }
  });

  test('follows reductions, slices and padding', async () => {
    const program: Program = ({ x }, { w }) => {
      const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
      return {
        channels: tf.sum(y, [0, 1, 2]),
        kept: tf.max(y, [3], true),
        rows: tf.mean(y, [2]),
        all: tf.min(y),
        padded: tf.pad(y, [
          [0, 0],
          [1, 0],
          [0, 2],
          [0, 1],
        ]),
        part: tf.slice(y, [0, 1, 0, 1], [1, 2, 4, 2]),
        halves: tf.sub(...(tf.split(tf.square(y), 2, 2) as [tf.Tensor, tf.Tensor])),
        channel: (tf.split(y, [1, 2], -1) as tf.Tensor[])[1] as tf.Tensor,
        rowScaled: tf.mul(y, tf.reshape(tf.range(0, 12), [4, 3])),
        chosen: tf.where(tf.greater(y, 0), y, tf.neg(y)),
      };
    };
    const options = { ...map, constants: { w: normalization.w } };
    const [plain, placed] = await resultsOf(program, options, { x: random('x', [1, 4, 4, 2]) });
    for (const [name, tensor] of Object.entries(plain)) {
      expect(placed[name] as NamedHostTensors[string], name).toBeAllClose(tensor, { rtol: 1e-5, atol: 1e-5 });
    }
  });
});
