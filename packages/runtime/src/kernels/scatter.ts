import { sizeOf } from '../host-tensor.js';
import { type KernelDefinition, type KernelFamily, required } from './kernel-definition.js';

/** Counts (or sums weights) per integer; rows of a matrix are counted apart. Values outside 0 … size − 1 do not count. */
const bincount: KernelDefinition = {
  infer: ({ x, weights }, { size }) => {
    const { shape } = required(x, 'x');
    return [{ shape: [...shape.slice(0, -1), size as number], dtype: required(weights, 'weights').dtype }];
  },
  lower: (context, { inputs, specs, attributes, outputs }) => {
    const { dtype } = required(outputs[0], 'output');
    const size = attributes.size as number;
    const ramp = context.constant({
      data: Int32Array.from({ length: size }, (_, i) => i),
      shape: [size],
      dtype: 'int32',
    });
    const hits = context.op('Equal', [context.op('Unsqueeze', [required(inputs.x, 'x'), context.int64([-1])]), ramp]);
    const counts = context.cast(hits, dtype);
    const at = required(specs.x, 'x').shape.length - 1;
    if (attributes.binaryOutput) return [context.op('ReduceMax', [counts, context.int64([at])], { keepdims: 0 })];
    const isWeighted = sizeOf(required(specs.weights, 'weights').shape) > 0;
    const weighted = isWeighted
      ? context.op('Mul', [counts, context.op('Unsqueeze', [required(inputs.weights, 'weights'), context.int64([-1])])])
      : counts;
    return [context.op('ReduceSum', [weighted, context.int64([at])], { keepdims: 0 })];
  },
};

/** Kernels that write into or count by places. */
export const scatterKernels: KernelFamily = {
  Bincount: bincount,
  DenseBincount: bincount,
  TensorScatterUpdate: {
    infer: ({ tensor }) => [required(tensor, 'tensor')],
    lower: (context, { inputs }) => {
      const indices = context.cast(required(inputs.indices, 'indices'), 'int64');
      return [
        context.op('ScatterND', [required(inputs.tensor, 'tensor'), indices, required(inputs.updates, 'updates')]),
      ];
    },
  },
  SparseToDense: {
    infer: ({ sparseValues }, { outputShape }) => [
      { shape: outputShape as number[], dtype: required(sparseValues, 'sparseValues').dtype },
    ],
    lower: (context, { inputs, specs, outputs }) => {
      const { shape } = required(outputs[0], 'output');
      const places = required(specs.sparseIndices, 'sparseIndices').shape;
      const count =
        places.length > 1 ? (places[0] ?? 1) : places.length === 1 && shape.length === 1 ? (places[0] ?? 1) : 1;
      const indices = context.op('Reshape', [
        context.cast(required(inputs.sparseIndices, 'sparseIndices'), 'int64'),
        context.int64([count, shape.length]),
      ]);
      const background = context.op('Expand', [required(inputs.defaultValue, 'defaultValue'), context.int64(shape)]);
      const values = context.op('Expand', [required(inputs.sparseValues, 'sparseValues'), context.int64([count])]);
      return [context.op('ScatterND', [background, indices, values])];
    },
  },
};
