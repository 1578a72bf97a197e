import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { hostTensor } from '../host-tensor.js';
import type { CustomLowering } from '../kernels/kernel-definition.js';
import { recordProgram } from '../trace/record-program.js';
import type { ConstantTensor, Program } from '../types.js';
import { programKey } from './program-key.js';

const w: ConstantTensor = hostTensor(Float32Array.of(1, 2), [2]);

function keyOf(
  program: Program = ({ x }, { w: weights }) => ({
    y: tf.leakyRelu(tf.mul(x as tf.Tensor, weights as tf.Tensor), 0.1),
  }),
  constant: ConstantTensor = w,
  options: { readonly provider?: string; readonly lowerings?: readonly CustomLowering[] } = {},
): string {
  const graph = recordProgram<ConstantTensor>(program, {
    name: 'program',
    inputs: { x: { shape: [2], dtype: 'float32' } },
    constants: { w: constant },
  });
  return programKey(graph, { provider: 'cpu', runtimeVersion: '1', lowerings: [], ...options });
}

const deferred = (digest: string): ConstantTensor => ({
  shape: [2],
  dtype: 'float32',
  digest,
  read: () => Promise.reject(new Error('a key needs no content')),
});
const lowering = (lower: CustomLowering['lower']): CustomLowering => ({ kernelName: 'Own', infer: () => [], lower });

test('a program recorded twice has one key, wherever it was called', () => {
  expect(keyOf()).toMatch(/^[\da-f]{40}$/);
  expect(keyOf()).toBe(keyOf());
});

test.each<readonly [what: string, other: () => string]>([
  [
    'an attribute',
    () => keyOf(({ x }, { w: weights }) => ({ y: tf.leakyRelu(tf.mul(x as tf.Tensor, weights as tf.Tensor), 0.2) })),
  ],
  [
    'a kernel',
    () => keyOf(({ x }, { w: weights }) => ({ y: tf.leakyRelu(tf.add(x as tf.Tensor, weights as tf.Tensor), 0.1) })),
  ],
  [
    'the name of an output',
    () => keyOf(({ x }, { w: weights }) => ({ z: tf.leakyRelu(tf.mul(x as tf.Tensor, weights as tf.Tensor), 0.1) })),
  ],
  ['a constant', () => keyOf(undefined, hostTensor(Float32Array.of(1, 3), [2]))],
  ['the digest of a deferred constant', () => keyOf(undefined, deferred('a'))],
  ['the provider', () => keyOf(undefined, w, { provider: 'webgpu' })],
  ['a lowering', () => keyOf(undefined, w, { lowerings: [lowering(() => [])] })],
])('another key by %s', (_, other) => {
  expect(other()).not.toBe(keyOf());
});

test('deferred constants are told apart by their digests, lowerings by their functions, numbers that JSON does not know by themselves', () => {
  expect(keyOf(undefined, deferred('a'))).not.toBe(keyOf(undefined, deferred('b')));
  expect(keyOf(undefined, w, { lowerings: [lowering(() => [])] })).not.toBe(
    keyOf(undefined, w, { lowerings: [lowering(() => ['y'])] }),
  );
  const bounded = (low: number) =>
    keyOf(({ x }, { w: weights }) => ({ y: tf.clipByValue(tf.mul(x as tf.Tensor, weights as tf.Tensor), low, 1) }));
  expect(new Set([bounded(Number.NEGATIVE_INFINITY), bounded(0), bounded(-0)]).size).toBe(3);
});
