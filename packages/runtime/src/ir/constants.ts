import { ShapeError } from '@refclip/structures';
import type { ConstantTensor, DeferredTensor, HostTensor, NamedConstants, NamedHostTensors } from '../types.js';
import type { Graph } from './graph.js';

const asInt32 = (tensor: HostTensor): HostTensor => ({
  shape: tensor.shape,
  dtype: 'int32',
  data: Int32Array.from(tensor.data),
});

/** A constant as values inside a program are: bytes live at the boundary alone and become int32. */
export function insideConstant(tensor: ConstantTensor): ConstantTensor {
  if (tensor.dtype !== 'uint8') return tensor;
  if ('data' in tensor) return asInt32(tensor);
  const { shape, digest, read } = tensor;
  return { shape, dtype: 'int32', digest: `${digest} as int32`, read: async () => asInt32(await read()) };
}

/** The content of a constant. @throws {ShapeError} when a deferred one turns out to be of another shape or type than it said. */
export async function readConstant(tensor: ConstantTensor): Promise<HostTensor> {
  if ('data' in tensor) return tensor;
  const content = await tensor.read();
  if (content.shape.join() !== tensor.shape.join() || content.dtype !== tensor.dtype) {
    const { digest, shape, dtype } = tensor satisfies DeferredTensor;
    throw new ShapeError(
      { op: 'readConstant', argument: `constant ${digest} (${content.dtype})`, expected: shape, actual: content.shape },
      `Its type must be ${dtype}.`,
    );
  }
  return content;
}

/** The contents of named constants. */
export async function readConstants(constants: NamedConstants): Promise<NamedHostTensors> {
  const contents: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(constants)) contents[name] = await readConstant(tensor);
  return contents;
}

/** A graph with the contents of all its constants. */
export async function readGraphConstants(graph: Graph<ConstantTensor>): Promise<Graph> {
  const constants = [];
  for (const constant of graph.constants) constants.push({ ...constant, tensor: await readConstant(constant.tensor) });
  return { ...graph, constants };
}
