import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../host-tensor.js';
import type { TensorSpec } from '../types.js';
import { imageKernels } from './image.js';
import {
  type KernelDefinition,
  type KernelFamily,
  type LowerContext,
  type LowerNode,
  required,
} from './kernel-definition.js';
import { matmulKernels } from './matmul.js';

/** The activations that tfjs fuses. */
function activate(context: LowerContext, value: string, { attributes, inputs }: LowerNode): string {
  const zero = () => context.scalar(0, 'float32');
  switch (attributes.activation) {
    case 'relu':
      return context.op('Relu', [value]);
    case 'relu6':
      return context.op('Clip', [value, zero(), context.scalar(6, 'float32')]);
    case 'elu':
      return context.op('Elu', [value]);
    case 'sigmoid':
      return context.op('Sigmoid', [value]);
    case 'leakyrelu':
      return context.op('LeakyRelu', [value], {
        alpha: { float: (attributes.leakyreluAlpha as number | undefined) ?? 0.2 },
      });
    case 'prelu':
      return context.op('PRelu', [value, required(inputs.preluActivationWeights, 'preluActivationWeights')]);
    default:
      return value;
  }
}

/** A kernel followed by a bias and an activation. */
function fused(plain: KernelDefinition): KernelDefinition {
  return {
    infer: plain.infer,
    lower: (context, node) => {
      const [value] = plain.lower(context, node);
      const { bias } = node.inputs;
      const sum = bias === undefined ? required(value, 'value') : context.op('Add', [required(value, 'value'), bias]);
      return [activate(context, sum, node)];
    },
  };
}

/** The output's shape of an equation such as `ij,jk->ik`. */
function einsumShape(equation: string, inputs: readonly TensorSpec[]): number[] {
  const [left = '', right = ''] = equation.replaceAll(/\s/g, '').split('->');
  const lengths = new Map<string, number>();
  left.split(',').forEach((axes, operand) => {
    [...axes].forEach((axis, i) => {
      lengths.set(axis, inputs[operand]?.shape[i] ?? 1);
    });
  });
  return [...right].map((axis) => lengths.get(axis) ?? 1);
}

/** Kernels that stand for several steps. */
export const fusedKernels: KernelFamily = {
  FusedConv2D: {
    infer: required(imageKernels.Conv2D, 'Conv2D').infer,
    lower: (context, node) => {
      // Channels first until after the activation, so that ONNX Runtime can fuse the three.
      const [last] = required(imageKernels.Conv2D, 'Conv2D').lower(context, node);
      const y = context.transpose(required(last, 'value'), [0, 3, 1, 2]);
      const { bias, preluActivationWeights: alpha } = node.inputs;
      const column = (value: string, { shape }: TensorSpec) =>
        sizeOf(shape) === 1 ? value : context.op('Reshape', [value, context.int64([sizeOf(shape), 1, 1])]);
      const isVector =
        alpha === undefined ||
        sizeOf(required(node.specs.preluActivationWeights, 'alpha').shape) ===
          required(node.specs.filter, 'filter').shape[3];
      const sum = bias === undefined ? y : context.op('Add', [y, column(bias, required(node.specs.bias, 'bias'))]);
      if (!isVector) return [activate(context, context.transpose(sum, [0, 2, 3, 1]), node)];
      const inputs =
        alpha === undefined
          ? node.inputs
          : {
              ...node.inputs,
              preluActivationWeights: column(alpha, required(node.specs.preluActivationWeights, 'alpha')),
            };
      return [context.transpose(activate(context, sum, { ...node, inputs }), [0, 2, 3, 1])];
    },
  },
  FusedDepthwiseConv2D: fused(required(imageKernels.DepthwiseConv2dNative, 'DepthwiseConv2dNative')),
  _FusedMatMul: fused(required(matmulKernels.BatchMatMul, 'BatchMatMul')),
  FusedBatchNorm: {
    infer: ({ x }) => [required(x, 'x')],
    lower: (context, { inputs, attributes }) => {
      const epsilon = context.scalar((attributes.varianceEpsilon as number | undefined) ?? 0.001, 'float32');
      const deviation = context.op('Sqrt', [context.op('Add', [required(inputs.variance, 'variance'), epsilon])]);
      const inverse = context.op('Reciprocal', [deviation]);
      const factor = inputs.scale === undefined ? inverse : context.op('Mul', [inverse, inputs.scale]);
      const centered = context.op('Sub', [required(inputs.x, 'x'), required(inputs.mean, 'mean')]);
      const scaled = context.op('Mul', [centered, factor]);
      return [inputs.offset === undefined ? scaled : context.op('Add', [scaled, inputs.offset])];
    },
  },
  Einsum: {
    infer: (inputs, { equation }) => {
      const operands = Object.values(inputs);
      const dtype = operands
        .map((operand) => operand.dtype as tf.DataType)
        .reduce((left, right) => tf.upcastType(left, right)) as TensorSpec['dtype'];
      return [{ shape: einsumShape(equation as string, operands), dtype }];
    },
    lower: (context, { inputs, attributes }) => [
      context.op('Einsum', Object.values(inputs), { equation: attributes.equation as string }),
    ],
  },
};
