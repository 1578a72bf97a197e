import * as tf from '@tensorflow/tfjs';
import { composedKernel } from './composed-kernel.js';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;
type Shape4 = [number, number, number, number];

/** Kernels that some tfjs backends lack and training needs, as compositions of others. */
const compositions: Readonly<Record<string, (inputs: Inputs, attributes: Attributes) => tf.Tensor>> = {
  Conv2DBackpropFilter: ({ x, dy }, attributes) => filterGradient(x as tf.Tensor4D, dy as tf.Tensor4D, attributes),
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }) => {
    const [data, ids] = [x as tf.Tensor, segmentIds as tf.Tensor1D];
    const rows = tf.reshape(data, [ids.size, -1]) as tf.Tensor2D;
    // One row of ones per id: the sum is a matrix product.
    // Cast afterwards: tfjs-wasm's oneHot writes integer bits when asked for float32.
    const places = tf.cast(
      tf.oneHot(tf.cast(tf.reshape(ids, [ids.size]), 'int32'), numSegments as number),
      'float32',
    ) as tf.Tensor2D;
    const sums = tf.matMul(tf.transpose(places), rows);
    return tf.reshape(sums, [numSegments as number, ...data.shape.slice(ids.rank)]);
  },
};

/** Registers the compositions that a backend lacks. Safe to call again. */
export function registerMissingKernels(backendName: string): void {
  for (const [kernelName, compose] of Object.entries(compositions)) {
    if (tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({ kernelName, backendName, kernelFunc: composedKernel(compose) });
  }
}

/** Gradient of a convolution with respect to its filter: one matrix product per tap. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attributes: Attributes): tf.Tensor {
  const [height, width, inChannels, outChannels] = attributes.filterShape as Shape4;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    attributes.filterShape as Shape4,
    attributes.strides as [number, number],
    1,
    attributes.pad as 'same' | 'valid' | number,
    attributes.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
  );
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]) as tf.Tensor4D;
  const [batch] = x.shape;
  const rows = tf.reshape(dy, [-1, outChannels]) as tf.Tensor2D;
  const taps: tf.Tensor2D[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const window = tf.stridedSlice(
        padded,
        [0, row, column, 0],
        [
          batch,
          row + (info.outHeight - 1) * info.strideHeight + 1,
          column + (info.outWidth - 1) * info.strideWidth + 1,
          inChannels,
        ],
        [1, info.strideHeight, info.strideWidth, 1],
      );
      taps.push(tf.matMul(tf.transpose(tf.reshape(window, [-1, inChannels]) as tf.Tensor2D), rows));
    }
  }
  return tf.reshape(tf.concat(taps, 0), [height, width, inChannels, outChannels]);
}
