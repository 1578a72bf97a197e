import { hostTensor, sizeOf } from '../host-tensor.js';
import type { DType, TensorSpec } from '../types.js';
import { type KernelFamily, required } from './kernel-definition.js';

function gatherAxis(x: TensorSpec, axis: unknown): number {
  const at = typeof axis === 'number' ? axis : 0;
  return at < 0 ? at + x.shape.length : at;
}

/** Kernels that pick and place elements by index. Indices out of range are an error of the run, not checked before. */
export const gatherKernels: KernelFamily = {
  GatherV2: {
    infer: ({ x, indices }, { axis, batchDims }) => {
      const [data, at] = [required(x, 'x'), required(indices, 'indices')];
      const along = gatherAxis(data, axis);
      const batch = (batchDims as number | undefined) ?? 0;
      return [
        {
          shape: [...data.shape.slice(0, along), ...at.shape.slice(batch), ...data.shape.slice(along + 1)],
          dtype: data.dtype,
        },
      ];
    },
    lower: (context, { inputs, specs, attributes, outputs }) => {
      const [data, at] = [required(specs.x, 'x'), required(specs.indices, 'indices')];
      const axis = gatherAxis(data, attributes.axis);
      const batch = (attributes.batchDims as number | undefined) ?? 0;
      const [x, indices] = [required(inputs.x, 'x'), required(inputs.indices, 'indices')];
      if (!batch) return [context.op('Gather', [x, indices], { axis })];
      // Batched: flatten batch axes and the axis gathered from, and shift the indices of each batch into its block.
      const batches = sizeOf(data.shape.slice(0, batch));
      const middle = data.shape.slice(batch, axis);
      if (sizeOf(middle) !== 1)
        throw new TypeError('GatherV2: axes between the batch and the gathered axis are not supported');
      const length = data.shape[axis] ?? 1;
      const rest = data.shape.slice(axis + 1);
      const flat = context.op('Reshape', [x, context.int64([batches * length, ...rest])]);
      const perBatch = sizeOf(at.shape.slice(batch));
      const offsets = hostTensor(
        Int32Array.from({ length: batches }, (_, i) => i * length),
        [batches, 1],
      );
      const shifted = context.op('Add', [
        context.op('Reshape', [indices, context.int64([batches, perBatch])]),
        context.constant(offsets),
      ]);
      const gathered = context.op('Gather', [flat, shifted], { axis: 0 });
      return [context.op('Reshape', [gathered, context.int64(required(outputs[0], 'output').shape)])];
    },
  },
  GatherNd: {
    infer: ({ params, indices }) => {
      const [data, at] = [required(params, 'params'), required(indices, 'indices')];
      const depth = at.shape.at(-1) ?? 1;
      return [{ shape: [...at.shape.slice(0, -1), ...data.shape.slice(depth)], dtype: data.dtype }];
    },
    lower: (context, { inputs }) => [
      context.op('GatherND', [
        required(inputs.params, 'params'),
        context.cast(required(inputs.indices, 'indices'), 'int64'),
      ]),
    ],
  },
  ScatterNd: {
    infer: ({ updates }, { shape }) => [{ shape: shape as number[], dtype: required(updates, 'updates').dtype }],
    lower: (context, { inputs, outputs }) => {
      const { shape, dtype } = required(outputs[0], 'output');
      const zeros = context.op('Expand', [context.scalar(0, dtype), context.int64(shape)]);
      const indices = context.cast(required(inputs.indices, 'indices'), 'int64');
      return [context.op('ScatterND', [zeros, indices, required(inputs.updates, 'updates')], { reduction: 'add' })];
    },
  },
  UnsortedSegmentSum: {
    infer: ({ x, segmentIds }, { numSegments }) => {
      const [data, ids] = [required(x, 'x'), required(segmentIds, 'segmentIds')];
      return [{ shape: [numSegments as number, ...data.shape.slice(ids.shape.length)], dtype: data.dtype }];
    },
    lower: (context, { inputs, specs, outputs }) => {
      const { shape, dtype } = required(outputs[0], 'output');
      const ids = required(specs.segmentIds, 'segmentIds').shape;
      const zeros = context.op('Expand', [context.scalar(0, dtype), context.int64(shape)]);
      const flatIds = context.op('Reshape', [
        required(inputs.segmentIds, 'segmentIds'),
        context.int64([sizeOf(ids), 1]),
      ]);
      const rows = context.op('Reshape', [required(inputs.x, 'x'), context.int64([sizeOf(ids), ...shape.slice(1)])]);
      return [context.op('ScatterND', [zeros, context.cast(flatIds, 'int64'), rows], { reduction: 'add' })];
    },
  },
  OneHot: {
    infer: ({ indices }, { depth, dtype }) => [
      {
        shape: [...required(indices, 'indices').shape, depth as number],
        dtype: (dtype as DType | undefined) ?? 'int32',
      },
    ],
    lower: (context, { inputs, attributes, outputs }) => {
      const dtype = required(outputs[0], 'output').dtype;
      // Compared with a ramp: an index outside 0 … depth − 1 gives a row of off values, as in tfjs.
      const depth = attributes.depth as number;
      const ramp = context.constant(
        hostTensor(
          Int32Array.from({ length: depth }, (_, i) => i),
          [depth],
        ),
      );
      const column = context.op('Unsqueeze', [required(inputs.indices, 'indices'), context.int64([-1])]);
      const hit = context.op('Equal', [column, ramp]);
      const inner = dtype === 'bool' ? 'int32' : dtype;
      const [on, off] = [
        context.scalar(attributes.onValue as number, inner),
        context.scalar(attributes.offValue as number, inner),
      ];
      const chosen = context.op('Where', [hit, on, off]);
      return [dtype === 'bool' ? context.cast(chosen, 'bool') : chosen];
    },
  },
  TopK: {
    infer: ({ x }, { k }) => {
      const spec = required(x, 'x');
      const shape = [...spec.shape.slice(0, -1), k as number];
      return [
        { shape, dtype: spec.dtype },
        { shape, dtype: 'int32' },
      ];
    },
    lower: (context, { inputs, attributes }) => {
      const [values, indices] = context.ops(
        'TopK',
        [required(inputs.x, 'x'), context.int64([attributes.k as number])],
        { axis: -1, largest: 1, sorted: 1 },
        2,
      );
      return [required(values, 'values'), context.cast(required(indices, 'indices'), 'int32')];
    },
  },
};
