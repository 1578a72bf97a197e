import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor, sizeOf } from '../host-tensor.js';
import type { Graph } from '../ir/graph.js';
import { printGraph } from '../ir/print-graph.js';
import { validateGraph } from '../ir/validate-graph.js';
import { recordProgram } from '../trace/record-program.js';
import type { Program, TensorSpec } from '../types.js';
import { broadcastLate } from './broadcast-late.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { mergeProductSums } from './merge-product-sums.js';
import { mergeScales } from './merge-scales.js';
import { optimizeGraph } from './optimize-graph.js';
import { pointwiseProducts } from './pointwise-products.js';
import { removeDeadNodes } from './remove-dead-nodes.js';
import { removeNoOps } from './remove-no-ops.js';
import { simplifyLeakyReluGradient } from './simplify-leaky-relu-gradient.js';

const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });

/** The graph before and after, both without what only clutters. */
function shown(pass: (graph: Graph) => Graph, program: Program, inputs: Record<string, TensorSpec>): string {
  const before = removeDeadNodes(removeNoOps(recordProgram(program, { name: 'program', inputs })));
  const after = pass(before);
  validateGraph(after);
  return `${printGraph(before)}\n→\n${printGraph(removeDeadNodes(after))}`;
}

test('removeNoOps drops what gives its input back', () => {
  const program: Program = ({ x }) => ({ y: tf.cast(tf.reshape(tf.neg(x as tf.Tensor).clone(), [2]), 'float32') });
  const graph = recordProgram(program, { name: 'program', inputs: { x: float(2) } });
  expect(graph.nodes.map(({ kernel }) => kernel)).toEqual(['Neg', 'Identity', 'Reshape', 'Cast']);
  const after = removeNoOps(graph);
  validateGraph(after);
  expect(printGraph(after)).toMatchInlineSnapshot(`
    "graph program
      input x: %0 float32[2]
      %1 float32[2] = Neg(x: %0)
      output y: %1"
  `);
});

test('broadcastLate leaves the spreading of a mean’s gradient to what uses it', () => {
  const program: Program = ({ x, dy }) => ({
    dx: tf.add(x as tf.Tensor, tf.grad((t: tf.Tensor) => tf.mean(t, [0]))(x as tf.Tensor, dy as tf.Tensor)),
  });
  expect(shown(broadcastLate, program, { x: float(16, 2), dy: float(2) })).toMatchInlineSnapshot(`
    "graph program
      input x: %0 float32[16, 2]
      input dy: %1 float32[2]
      constant %2 float32[16, 2]
      constant %3 float32[] = [16]
      %4 float32[1, 2] = Reshape(x: %1) {shape: [1,2]}
      %5 float32[16, 2] = Multiply(a: %4, b: %2)
      %6 float32[16, 2] = RealDiv(a: %5, b: %3)
      %7 float32[16, 2] = Add(a: %0, b: %6)
      output dx: %7
    →
    graph program
      input x: %0 float32[16, 2]
      input dy: %1 float32[2]
      constant %2 float32[] = [16]
      %3 float32[1, 2] = Reshape(x: %1) {shape: [1,2]}
      %4 float32[1, 2] = RealDiv(a: %3, b: %2)
      %5 float32[16, 2] = Add(a: %0, b: %4)
      output dx: %5"
  `);
});

test('broadcastLate spreads what leaves, and what a kernel needs whole', () => {
  const ones = () => tf.ones([4, 2]);
  const program: Program = ({ x }) => {
    const spread = tf.neg(tf.mul(x as tf.Tensor, ones()));
    return { spread, whole: tf.reshape(spread, [8]), same: tf.mul(tf.reshape(spread, [4, 2]), ones()) };
  };
  expect(shown(broadcastLate, program, { x: float(2) })).toMatchInlineSnapshot(`
    "graph program
      input x: %0 float32[2]
      constant %1 float32[4, 2] = [1, 1, 1, 1, 1, 1, 1, 1]
      constant %2 float32[4, 2] = [1, 1, 1, 1, 1, 1, 1, 1]
      %3 float32[4, 2] = Multiply(a: %0, b: %1)
      %4 float32[4, 2] = Neg(x: %3)
      %5 float32[8] = Reshape(x: %4) {shape: [8]}
      %6 float32[4, 2] = Multiply(a: %4, b: %2)
      output spread: %4
      output whole: %5
      output same: %6
    →
    graph program
      input x: %0 float32[2]
      constant %1 float32[4, 2] = [1, 1, 1, 1, 1, 1, 1, 1]
      %2 float32[2] = Neg(x: %0)
      %3 float32[4, 2] = Multiply(a: %2, b: %1)
      %4 float32[8] = Reshape(x: %3) {shape: [8]}
      output spread: %3
      output whole: %4
      output same: %3"
  `);
});

test('broadcastLate spreads at once what other operands spread further', () => {
  const program: Program = ({ x, z }) => ({ y: tf.add(tf.mul(x as tf.Tensor, tf.ones([4, 2])), z as tf.Tensor) });
  const graph = recordProgram(program, { name: 'program', inputs: { x: float(2), z: float(3, 1, 1) } });
  expect(printGraph(broadcastLate(graph))).toBe(printGraph(graph));
});

test('mergeScales multiplies small factors with each other first', () => {
  const program: Program = ({ x, s }) => ({
    y: tf.mul(tf.mul(tf.mul(x as tf.Tensor, s as tf.Tensor), 3), s as tf.Tensor),
  });
  expect(shown(mergeScales, program, { x: float(16, 2), s: float(2) })).toMatchInlineSnapshot(`
    "graph program
      input x: %0 float32[16, 2]
      input s: %1 float32[2]
      constant %2 float32[] = [3]
      %3 float32[16, 2] = Multiply(a: %0, b: %1)
      %4 float32[16, 2] = Multiply(a: %3, b: %2)
      %5 float32[16, 2] = Multiply(a: %4, b: %1)
      output y: %5
    →
    graph program
      input x: %0 float32[16, 2]
      input s: %1 float32[2]
      constant %2 float32[] = [3]
      %3 float32[2] = Multiply(a: %1, b: %2)
      %4 float32[2] = Multiply(a: %3, b: %1)
      %5 float32[16, 2] = Multiply(a: %0, b: %4)
      output y: %5"
  `);
});

test('mergeScales leaves products that are used twice, and factors near the ends of the range', () => {
  const program: Program = ({ x, s }) => {
    const once = tf.mul(x as tf.Tensor, s as tf.Tensor);
    return { once, twice: tf.mul(once, 3), steep: tf.mul(tf.mul(x as tf.Tensor, 3), 2 ** 100) };
  };
  const graph = recordProgram(program, { name: 'program', inputs: { x: float(16, 2), s: float(2) } });
  expect(printGraph(mergeScales(graph))).toBe(printGraph(graph));
});

const leakyGradient: Program = ({ x, dy }) => ({
  dx: tf.grad((t: tf.Tensor) => tf.leakyRelu(t, 0.1))(x as tf.Tensor, dy as tf.Tensor),
});

test('simplifyLeakyReluGradient multiplies with the slope', () => {
  expect(shown(simplifyLeakyReluGradient, leakyGradient, { x: float(2), dy: float(2) })).toMatchInlineSnapshot(`
    "graph program
      input x: %0 float32[2]
      input dy: %1 float32[2]
      constant %2 float32[] = [0]
      constant %3 float32[] = [0.10000000149011612]
      %4 bool[2] = Greater(a: %0, b: %2)
      %5 float32[2] = Multiply(a: %1, b: %3)
      %6 float32[2] = Select(condition: %4, t: %1, e: %5)
      output dx: %6
    →
    graph program
      input x: %0 float32[2]
      input dy: %1 float32[2]
      constant %2 float32[] = [1.7014118346046923e+38]
      %3 float32[2] = Multiply(a: %0, b: %2)
      %4 float32[2] = ClipByValue(x: %3) {clipValueMin: 0.10000000149011612, clipValueMax: 1}
      %5 float32[2] = Multiply(a: %1, b: %4)
      output dx: %5"
  `);
});

test('pointwiseProducts makes matrix products of 1×1 convolutions and their gradients, and leaves others', () => {
  const program: Program = ({ x, w, wide }) => {
    const loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => {
      const y = tf.conv2d(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'), c as tf.Tensor4D, 1, 'same');
      return tf.sum(tf.conv2d(y, b as tf.Tensor4D, 2, 'valid')) as tf.Scalar;
    };
    const [dx, dw] = tf.grads(loss)([x as tf.Tensor, w as tf.Tensor, wide as tf.Tensor]);
    return { dx: dx as tf.Tensor, dw: dw as tf.Tensor };
  };
  const inputs = { x: float(2, 4, 4, 3), w: float(1, 1, 3, 3), wide: float(3, 3, 3, 3) };
  expect(shown(pointwiseProducts, program, inputs)).toMatchInlineSnapshot(`
    "graph program
      input x: %0 float32[2, 4, 4, 3]
      input w: %1 float32[1, 1, 3, 3]
      input wide: %2 float32[3, 3, 3, 3]
      constant %3 float32[] = [1]
      constant %4 float32[2, 2, 2, 3]
      %5 float32[2, 4, 4, 3] = Conv2D(x: %0, filter: %1) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1]}
      %6 float32[2, 4, 4, 3] = Conv2D(x: %5, filter: %2) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1]}
      %7 float32[1, 1, 1, 1] = Reshape(x: %3) {shape: [1,1,1,1]}
      %8 float32[2, 2, 2, 3] = Multiply(a: %7, b: %4)
      %9 float32[2, 4, 4, 3] = Conv2DBackpropInput(dy: %8, filter: %1) {strides: 2, pad: "valid", dataFormat: "NHWC", inputShape: [2,4,4,3]}
      %10 float32[1, 1, 3, 3] = Conv2DBackpropFilter(x: %6, dy: %8) {strides: 2, pad: "valid", dataFormat: "NHWC", filterShape: [1,1,3,3]}
      %11 float32[2, 4, 4, 3] = Conv2DBackpropInput(dy: %9, filter: %2) {strides: 1, pad: "same", dataFormat: "NHWC", inputShape: [2,4,4,3]}
      %12 float32[2, 4, 4, 3] = Conv2DBackpropInput(dy: %11, filter: %1) {strides: 1, pad: "same", dataFormat: "NHWC", inputShape: [2,4,4,3]}
      %13 float32[1, 1, 3, 3] = Conv2DBackpropFilter(x: %0, dy: %11) {strides: 1, pad: "same", dataFormat: "NHWC", filterShape: [1,1,3,3]}
      %14 float32[1, 1, 3, 3] = Add(a: %10, b: %13)
      output dx: %12
      output dw: %14
    →
    graph program
      input x: %0 float32[2, 4, 4, 3]
      input w: %1 float32[1, 1, 3, 3]
      input wide: %2 float32[3, 3, 3, 3]
      constant %3 float32[] = [1]
      constant %4 float32[2, 2, 2, 3]
      %5 float32[1, 32, 3] = Reshape(x: %0) {shape: [1,32,3]}
      %6 float32[1, 3, 3] = Reshape(x: %1) {shape: [1,3,3]}
      %7 float32[1, 32, 3] = BatchMatMul(a: %5, b: %6) {transposeA: false, transposeB: false}
      %8 float32[2, 4, 4, 3] = Reshape(x: %7) {shape: [2,4,4,3]}
      %9 float32[2, 4, 4, 3] = Conv2D(x: %8, filter: %2) {strides: 1, pad: "same", dataFormat: "NHWC", dilations: [1,1]}
      %10 float32[1, 1, 1, 1] = Reshape(x: %3) {shape: [1,1,1,1]}
      %11 float32[2, 2, 2, 3] = Multiply(a: %10, b: %4)
      %12 float32[2, 4, 4, 3] = Conv2DBackpropInput(dy: %11, filter: %1) {strides: 2, pad: "valid", dataFormat: "NHWC", inputShape: [2,4,4,3]}
      %13 float32[1, 1, 3, 3] = Conv2DBackpropFilter(x: %9, dy: %11) {strides: 2, pad: "valid", dataFormat: "NHWC", filterShape: [1,1,3,3]}
      %14 float32[2, 4, 4, 3] = Conv2DBackpropInput(dy: %12, filter: %2) {strides: 1, pad: "same", dataFormat: "NHWC", inputShape: [2,4,4,3]}
      %15 float32[1, 32, 3] = Reshape(x: %14) {shape: [1,32,3]}
      %16 float32[1, 3, 3] = Reshape(x: %1) {shape: [1,3,3]}
      %17 float32[1, 32, 3] = BatchMatMul(a: %15, b: %16) {transposeA: false, transposeB: true}
      %18 float32[2, 4, 4, 3] = Reshape(x: %17) {shape: [2,4,4,3]}
      %19 float32[1, 32, 3] = Reshape(x: %0) {shape: [1,32,3]}
      %20 float32[1, 32, 3] = Reshape(x: %14) {shape: [1,32,3]}
      %21 float32[1, 3, 3] = BatchMatMul(a: %19, b: %20) {transposeA: true, transposeB: false}
      %22 float32[1, 1, 3, 3] = Reshape(x: %21) {shape: [1,1,3,3]}
      %23 float32[1, 1, 3, 3] = Add(a: %13, b: %22)
      output dx: %18
      output dw: %23"
  `);
});

/** A network that multiplies its state with one weight at every position. */
function repeated(times: number, start: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  let state = start;
  for (let i = 0; i < times; i++) state = tf.tanh(tf.matMul(state, weight)) as tf.Tensor2D;
  return state;
}

const recurrent: Program = ({ x, w }) => {
  const last = (weight: tf.Tensor) => tf.sum(repeated(4, x as tf.Tensor2D, weight as tf.Tensor2D)) as tf.Scalar;
  return { dw: tf.add(tf.grad(last)(w as tf.Tensor), w as tf.Tensor) };
};

test('mergeProductSums makes one product of the terms of a recurrent weight’s gradient', () => {
  const inputs = { x: float(2, 3), w: float(3, 3) };
  const graph = recordProgram(recurrent, { name: 'program', inputs });
  const products = (of: Graph) => of.nodes.filter(({ attributes }) => attributes.transposeA).length;
  const merged = removeDeadNodes(mergeProductSums(removeNoOps(graph)));
  validateGraph(merged);
  expect([products(graph), products(merged)]).toEqual([4, 1]);
  const join = merged.nodes.find(({ kernel }) => kernel === 'Concat');
  expect(join?.outputs[0]?.spec.shape).toEqual([8, 3]);
});

/** Two convolutions with batch normalization on a mean, a recurrent weight: all passes have something to do. */
const step: Program = (inputs) => {
  const names = ['a', 'b', 'scale', 'r'];
  const loss = (...[a, b, scale, r]: tf.Tensor[]) => {
    const normalize = (y: tf.Tensor) => {
      const centered = tf.sub(y, tf.mean(y, [0, 1, 2]));
      const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centered), [0, 1, 2]), 1e-3));
      return tf.leakyRelu(tf.mul(centered, tf.div(scale as tf.Tensor, deviation)), 0.1) as tf.Tensor4D;
    };
    const first = normalize(tf.conv2d(inputs.x as tf.Tensor4D, a as tf.Tensor4D, 1, 'same'));
    const second = normalize(tf.conv2d(tf.avgPool(first, 2, 2, 'valid'), b as tf.Tensor4D, 1, 'same'));
    const pooled = tf.mean<tf.Tensor2D>(second, [1, 2]);
    const state = repeated(3, pooled, r as tf.Tensor2D);
    return tf.sum(tf.mul(state, tf.reshape(tf.range(0, state.size), state.shape))) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs[name] as tf.Tensor));
  return { value, ...Object.fromEntries(names.map((name, i) => [`d${name}`, grads[i] as tf.Tensor])) };
};

describe('all passes together', () => {
  const shapes = { x: [2, 8, 8, 3], a: [3, 3, 3, 4], b: [1, 1, 4, 4], scale: [4], r: [4, 4] };
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, hostTensor(uniform(name, sizeOf(shape), -1, 1), shape)]),
  );
  const options = { name: 'step', inputs: feeds };

  test('give the values and gradients of tfjs', async () => {
    const results = [];
    for (const name of ['cpu', 'compiled'] as const) {
      const engine = await createEngine({ engine: name });
      results.push(await (await engine.compile(step, options)).run(feeds));
      await engine.dispose();
    }
    const [plain, compiled] = results;
    for (const [name, { data }] of Object.entries(plain ?? {})) {
      expect(compiled?.[name]?.data, name).toBeAllClose(data, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  test('leave nothing that they were made for', () => {
    const graph = optimizeGraph(recordProgram(step, options));
    validateGraph(graph);
    const kernels = new Set(graph.nodes.map(({ kernel }) => kernel));
    for (const kernel of ['Identity', 'Select', 'Greater']) expect(kernels).not.toContain(kernel);
    expect(mergeCommonSubexpressions(graph).nodes.length).toBe(graph.nodes.length);
  });
});

test('the gradient of LeakyReLU is exact at zero, at infinities and for the smallest normal numbers', async () => {
  const x = Float32Array.of(-Infinity, -1, -(2 ** -126), -0, 0, 2 ** -126, 1, Infinity);
  const shape = [x.length];
  const engine = await createEngine({ engine: 'compiled' });
  const executable = await engine.compile(leakyGradient, { name: 'slope', inputs: { x: float(8), dy: float(8) } });
  const { dx } = await executable.run({ x: hostTensor(x, shape), dy: hostTensor(new Float32Array(8).fill(2), shape) });
  await engine.dispose();
  expect(dx?.data).toEqual(Float32Array.of(0.2, 0.2, 0.2, 0.2, 0.2, 2, 2, 2));
});
