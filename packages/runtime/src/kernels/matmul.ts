import * as tf from '@tensorflow/tfjs';
import type { TensorSpec } from '../types.js';
import { type KernelFamily, type LowerContext, type LowerNode, required } from './kernel-definition.js';

function matMulShape(a: TensorSpec, b: TensorSpec, transposeA: boolean, transposeB: boolean): number[] {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [...batch, a.shape.at(transposeA ? -1 : -2) ?? 0, b.shape.at(transposeB ? -2 : -1) ?? 0];
}

const lastTwoSwapped = (rank: number) => [...Array(rank - 2).keys(), rank - 1, rank - 2];

/** Writes `a·b`; one matrix each becomes a Gemm, which takes transposes for free. */
export function lowerMatMul(context: LowerContext, node: LowerNode): string {
  const [a, b] = [required(node.specs.a, 'a'), required(node.specs.b, 'b')];
  const [valueA, valueB] = [required(node.inputs.a, 'a'), required(node.inputs.b, 'b')];
  const [transA, transB] = [Boolean(node.attributes.transposeA), Boolean(node.attributes.transposeB)];
  const shape = matMulShape(a, b, transA, transB);
  if (shape.length === 3 && a.shape[0] === 1 && b.shape[0] === 1 && a.dtype === 'float32') {
    const matrix = (value: string, spec: TensorSpec) =>
      context.op('Reshape', [value, context.int64(spec.shape.slice(1))]);
    const product = context.op('Gemm', [matrix(valueA, a), matrix(valueB, b)], {
      transA: transA ? 1 : 0,
      transB: transB ? 1 : 0,
    });
    return context.op('Reshape', [product, context.int64(shape)]);
  }
  const left = transA ? context.transpose(valueA, lastTwoSwapped(a.shape.length)) : valueA;
  const right = transB ? context.transpose(valueB, lastTwoSwapped(b.shape.length)) : valueB;
  return context.op('MatMul', [left, right]);
}

/** Matrix products. */
export const matmulKernels: KernelFamily = {
  BatchMatMul: {
    infer: ({ a, b }, { transposeA, transposeB }) => [
      {
        shape: matMulShape(required(a, 'a'), required(b, 'b'), Boolean(transposeA), Boolean(transposeB)),
        dtype: 'float32',
      },
    ],
    lower: (context, node) => [lowerMatMul(context, node)],
  },
};
