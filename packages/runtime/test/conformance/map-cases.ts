import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../../src/index.js';
import { type ConformanceCase, distinct, type Exclusions, floats, input, row } from './conformance-case.js';

type Map4 = tf.Tensor4D;

const everywhere = (reason: string): Exclusions => ({ compiled: reason, cpu: reason, wasm: reason });
const batchGradient = 'tfjs-core 4.22 does not sum the gradient over a broadcast batch, and throws';

/** A matrix product per pair of batches, in three loops. */
function products(a: HostTensor, b: HostTensor, transposeA: boolean, transposeB: boolean): number[] {
  const size = (shape: readonly number[], end: number) => shape.at(end) as number;
  const [rowsA, columnsA, rowsB, columnsB] = [
    size(a.shape, -2),
    size(a.shape, -1),
    size(b.shape, -2),
    size(b.shape, -1),
  ];
  const [m, k, n] = [transposeA ? columnsA : rowsA, transposeA ? rowsA : columnsA, transposeB ? rowsB : columnsB];
  const batchA = a.data.length / (rowsA * columnsA || 1);
  const batchB = b.data.length / (rowsB * columnsB || 1);
  const result: number[] = [];
  for (let batch = 0; batch < Math.max(batchA, batchB); batch++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          const left = a.data[
            (batch % batchA) * rowsA * columnsA + (transposeA ? l * columnsA + i : i * columnsA + l)
          ] as number;
          const right = b.data[
            (batch % batchB) * rowsB * columnsB + (transposeB ? j * columnsB + l : l * columnsB + j)
          ] as number;
          sum += left * right;
        }
        result.push(sum);
      }
    }
  }
  return result;
}

const matmulCases = (
  [
    [[2, 3], [3, 4], false, false],
    [[3, 2], [3, 4], true, false],
    [[2, 3], [4, 3], false, true],
    [[3, 2], [4, 3], true, true],
    [[1, 1], [1, 1], false, false],
    [[2, 2, 3], [2, 3, 2], false, false],
    [[2, 3, 2], [2, 2, 3], true, true],
    [[3, 2, 3], [1, 3, 2], false, false],
    [[1, 2, 3], [3, 2, 3], false, true],
    [[2, 2, 2, 3], [2, 2, 3, 2], false, false],
  ] as const
).map(([shapeA, shapeB, transposeA, transposeB]): ConformanceCase => {
  const [a, b] = [floats(shapeA, -1, 1, 'a'), floats(shapeB, -1, 1, 'b')];
  return {
    kernel: 'BatchMatMul',
    name: `BatchMatMul [${shapeA}]${transposeA ? 'ᵀ' : ''} [${shapeB}]${transposeB ? 'ᵀ' : ''}`,
    inputs: { a, b },
    run: (i) => tf.matMul(input(i, 'a'), input(i, 'b'), transposeA, transposeB),
    expected: products(a, b, transposeA, transposeB),
    gradient: ['a', 'b'],
    ...(shapeA.length === 3 && shapeA[0] !== shapeB[0] ? { exceptGradient: everywhere(batchGradient) } : {}),
  };
});

/** A convolution in seven loops. */
function convolution(x: HostTensor, filter: HostTensor, stride: number, pad: number, dilation: number): number[] {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns, , outputs] = filter.shape as [number, number, number, number];
  const length = (size: number, window: number) =>
    Math.floor((size + 2 * pad - dilation * (window - 1) - 1) / stride) + 1;
  const result: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < length(height, rows); y++) {
      for (let z = 0; z < length(width, columns); z++) {
        for (let o = 0; o < outputs; o++) {
          let sum = 0;
          for (let r = 0; r < rows; r++) {
            for (let c = 0; c < columns; c++) {
              const [top, left] = [y * stride - pad + r * dilation, z * stride - pad + c * dilation];
              if (top < 0 || left < 0 || top >= height || left >= width) continue;
              for (let i = 0; i < channels; i++) {
                sum +=
                  (x.data[((n * height + top) * width + left) * channels + i] as number) *
                  (filter.data[((r * columns + c) * channels + i) * outputs + o] as number);
              }
            }
          }
          result.push(sum);
        }
      }
    }
  }
  return result;
}

const dilatedGradient = 'tfjs-core 4.22 defines no gradient for a dilated convolution, and throws';

const convolutionCases = (
  [
    [[1, 4, 4, 2], [3, 3, 2, 3], 1, 1, 1],
    [[2, 5, 4, 2], [1, 1, 2, 3], 1, 0, 1],
    [[1, 5, 5, 2], [3, 3, 2, 2], 2, 1, 1],
    [[1, 6, 6, 1], [3, 3, 1, 2], 2, 1, 1],
    [[1, 4, 5, 1], [2, 3, 1, 2], 1, 0, 1],
    [[1, 6, 6, 1], [2, 2, 1, 1], 2, 0, 1],
    [[1, 5, 5, 1], [1, 1, 1, 2], 2, 0, 1],
    [[1, 6, 6, 2], [3, 3, 2, 2], 1, 2, 2],
  ] as const
).map(([shape, filterShape, stride, pad, dilation]): ConformanceCase => {
  const [x, w] = [floats(shape), floats(filterShape, -1, 1, 'w')];
  return {
    kernel: 'Conv2D',
    name: `Conv2D [${shape}] filter [${filterShape}] stride ${stride} pad ${pad} dilation ${dilation}`,
    inputs: { x, w },
    run: (i) => tf.conv2d(input<Map4>(i, 'x'), input<Map4>(i, 'w'), stride, pad || 'valid', 'NHWC', dilation),
    expected: convolution(x, w, stride, pad, dilation),
    gradient: ['x', 'w'],
    ...(dilation > 1 ? { exceptGradient: everywhere(dilatedGradient) } : {}),
  };
});

const sameConvolutions = ([1, 2] as const).map(
  (stride): ConformanceCase => ({
    kernel: 'Conv2D',
    name: `Conv2D same stride ${stride}`,
    inputs: { x: floats([1, 5, 4, 2]), w: floats([3, 2, 2, 2], -1, 1, 'w') },
    run: (i) => tf.conv2d(input<Map4>(i, 'x'), input<Map4>(i, 'w'), stride, 'same'),
    gradient: ['x', 'w'],
  }),
);

const depthwiseCases = (
  [
    [[1, 4, 4, 2], [3, 3, 2, 1], 1],
    [[2, 5, 5, 2], [3, 3, 2, 2], 2],
    [[1, 4, 4, 3], [2, 2, 3, 1], 1],
  ] as const
).map(
  ([shape, filterShape, stride]): ConformanceCase => ({
    kernel: 'DepthwiseConv2dNative',
    name: `DepthwiseConv2dNative [${shape}] filter [${filterShape}] stride ${stride}`,
    inputs: { x: floats(shape), w: floats(filterShape, -1, 1, 'w') },
    run: (i) => tf.depthwiseConv2d(input<Map4>(i, 'x'), input<Map4>(i, 'w'), stride, 'same'),
    gradient: ['x', 'w'],
    exceptGradient: { wasm: 'tfjs-backend-wasm 4.22 has no gradients of the depthwise convolution' },
  }),
);

const wholeWindow = 'tfjs 4.22 divides by the whole window also at the border';

const pools = (['MaxPool', 'AvgPool'] as const).flatMap((kernel) =>
  (
    [
      [[1, 4, 4, 2], 2, 2, 'valid'],
      [[1, 5, 5, 1], 3, 1, 'same'],
      [[2, 5, 4, 2], 3, 2, 'same'],
      [[1, 4, 4, 1], 5, 1, 'same'],
      [[1, 5, 5, 1], 2, 2, 'valid'],
      [[1, 3, 3, 1], 1, 1, 'valid'],
    ] as const
  ).map(
    ([shape, window, stride, pad]): ConformanceCase => ({
      kernel,
      name: `${kernel} [${shape}] window ${window} stride ${stride} ${pad}`,
      inputs: { x: distinct(shape) },
      run: (i) => (kernel === 'MaxPool' ? tf.maxPool : tf.avgPool)(input<Map4>(i, 'x'), window, stride, pad),
      gradient: ['x'],
      ...(kernel === 'AvgPool' && pad === 'same' ? { exceptGradient: { cpu: wholeWindow, wasm: wholeWindow } } : {}),
      ...(kernel === 'MaxPool' && window === 1
        ? { exceptGradient: { wasm: 'tfjs-backend-wasm 4.22 misplaces the gradient of windows of one' } }
        : {}),
    }),
  ),
);

const nearestGradient: Exclusions = { cpu: 'tfjs cpu 4.22 is wrong from the second image of the batch on' };

const resizes = (['ResizeNearestNeighbor', 'ResizeBilinear'] as const).flatMap((kernel) =>
  (
    [
      [[1, 2, 3, 2], [4, 6], false, false],
      [[2, 2, 2, 1], [4, 4], false, false],
      [[1, 4, 4, 1], [2, 2], false, false],
      [[1, 3, 4, 1], [5, 7], false, true],
      [[1, 3, 4, 1], [5, 7], true, false],
      [[1, 3, 4, 1], [5, 7], false, false],
      [[1, 2, 2, 1], [1, 1], false, false],
      [[2, 5, 4, 1], [3, 2], false, true],
    ] as const
  ).map(([shape, size, alignCorners, halfPixelCenters]): ConformanceCase => {
    const resize = kernel === 'ResizeBilinear' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor;
    return {
      kernel,
      name: `${kernel} [${shape}] to ${size}${alignCorners ? ' corners aligned' : ''}${halfPixelCenters ? ' half pixel centers' : ''}`,
      inputs: { x: floats(shape) },
      run: (i) => resize(input<Map4>(i, 'x'), [...size], alignCorners, halfPixelCenters),
      // tfjs's gradients know no half pixel centers.
      ...(halfPixelCenters ? {} : { gradient: ['x'] }),
      ...(kernel === 'ResizeNearestNeighbor' && shape[0] > 1 ? { exceptGradient: nearestGradient } : {}),
      ...(kernel === 'ResizeBilinear' && shape[1] !== shape[2] && !halfPixelCenters
        ? { exceptGradient: { cpu: 'tfjs cpu 4.22 exchanges height and width, and throws' } }
        : {}),
    };
  }),
);

const activations = ['relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu', 'linear'] as const;
const fusedCases = activations.flatMap((activation): ConformanceCase[] => [
  {
    kernel: 'FusedConv2D',
    name: `FusedConv2D ${activation}`,
    inputs: {
      x: floats([1, 4, 4, 2], -3, 3),
      w: floats([3, 3, 2, 3], -1, 1, 'w'),
      bias: row(0.1, -0.2, 0.3),
      alpha: row(0.1, 0.2, 0.3),
    },
    run: (i) =>
      tf.fused.conv2d({
        x: input<Map4>(i, 'x'),
        filter: input<Map4>(i, 'w'),
        strides: 1,
        pad: 'same',
        bias: input(i, 'bias'),
        activation,
        ...(activation === 'prelu' ? { preluActivationWeights: input(i, 'alpha') } : {}),
        leakyreluAlpha: 0.1,
      }),
  },
  {
    kernel: '_FusedMatMul',
    name: `_FusedMatMul ${activation}`,
    inputs: {
      a: floats([2, 4], -2, 2, 'a'),
      b: floats([4, 3], -1, 1, 'b'),
      bias: row(0.1, -0.2, 0.3),
      alpha: row(0.1, 0.2, 0.3),
    },
    run: (i) =>
      tf.fused.matMul({
        a: input(i, 'a'),
        b: input(i, 'b'),
        bias: input(i, 'bias'),
        activation,
        ...(activation === 'prelu' ? { preluActivationWeights: input(i, 'alpha') } : {}),
        leakyreluAlpha: 0.1,
      }),
  },
]);

const einsums = (['ij,jk->ik', 'bij,bjk->bik', 'ij->ji', 'ij,ij->i'] as const).map((equation): ConformanceCase => {
  const shapes = {
    'ij,jk->ik': [
      [2, 3],
      [3, 2],
    ],
    'bij,bjk->bik': [
      [2, 2, 3],
      [2, 3, 2],
    ],
    'ij->ji': [[2, 3]],
    'ij,ij->i': [
      [2, 3],
      [2, 3],
    ],
  }[equation];
  return {
    kernel: 'Einsum',
    name: `Einsum ${equation}`,
    inputs: Object.fromEntries(shapes.map((shape, i) => [`t${i}`, floats(shape, -1, 1, `t${i}`)])),
    run: (inputs) => tf.einsum(equation, ...Object.values(inputs)),
    except: { wasm: 'tfjs-backend-wasm 4.22 has no Einsum' },
  };
});

/** Matrix products, convolutions, pooling and resizing. */
export const mapCases: readonly ConformanceCase[] = [
  ...matmulCases,
  ...convolutionCases,
  ...sameConvolutions,
  ...depthwiseCases,
  ...pools,
  ...resizes,
  ...fusedCases,
  ...einsums,
  {
    kernel: 'FusedDepthwiseConv2D',
    name: 'FusedDepthwiseConv2D relu',
    inputs: { x: floats([1, 4, 4, 2]), w: floats([3, 3, 2, 1], -1, 1, 'w'), bias: row(0.1, 0.2) },
    run: (i) =>
      tf.fused.depthwiseConv2d({
        x: input<Map4>(i, 'x'),
        filter: input<Map4>(i, 'w'),
        strides: 1,
        pad: 'same',
        bias: input(i, 'bias'),
        activation: 'relu',
      }),
  },
  {
    kernel: 'FusedBatchNorm',
    name: 'FusedBatchNorm [1,2,2,3]',
    inputs: {
      x: floats([1, 2, 2, 3]),
      mean: row(0.1, 0.2, 0.3),
      variance: row(1, 2, 0.5),
      offset: row(1, 2, 3),
      scale: row(2, 1, 0.5),
    },
    run: (i) =>
      tf.batchNorm(
        input<Map4>(i, 'x'),
        input<tf.Tensor1D>(i, 'mean'),
        input<tf.Tensor1D>(i, 'variance'),
        input<tf.Tensor1D>(i, 'offset'),
        input<tf.Tensor1D>(i, 'scale'),
      ),
    gradient: ['x', 'offset', 'scale'],
  },
];
