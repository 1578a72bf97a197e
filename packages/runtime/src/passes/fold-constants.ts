import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../host-tensor.js';
import type { Constant, Graph, Node, Value } from '../ir/graph.js';
import type { HostTensor } from '../types.js';

/** Larger results are left to ONNX Runtime, which folds them faster than tfjs. */
const largest = 1 << 16;

/** Kernels that tfjs cpu gets wrong for some inputs (see the support table). */
const untrusted = new Set([
  'AvgPoolGrad',
  'FloorDiv',
  'ResizeBilinearGrad',
  'ResizeNearestNeighborGrad',
  'Sign',
  'StridedSlice',
]);

/** Computes what depends on constants alone, once, with tfjs cpu. Kernels without inputs stay: they cost less than their content. */
export function foldConstants(graph: Graph): Graph {
  const known = new Map(graph.constants.map(({ value, tensor }) => [value.id, tensor]));
  const folded: Constant[] = [];
  const nodes = graph.nodes.filter((node) => {
    const contents = foldableInputs(node, known);
    const results = contents && evaluate(node, contents);
    if (!results) return true;
    node.outputs.forEach((value, i) => {
      const tensor = results[i] as HostTensor;
      known.set(value.id, tensor);
      folded.push({ value, tensor });
    });
    return false;
  });
  return { ...graph, nodes, constants: [...graph.constants, ...folded] };
}

function foldableInputs(node: Node, known: ReadonlyMap<number, HostTensor>): readonly HostTensor[] | undefined {
  if (!node.inputs.length || untrusted.has(node.kernel) || !tf.getKernel(node.kernel, 'cpu')) return undefined;
  if (node.outputs.some(({ spec }) => sizeOf(spec.shape) > largest)) return undefined;
  const contents = node.inputs.map(({ id }) => known.get(id));
  return contents.every((content) => content !== undefined && content.data.length <= largest)
    ? (contents as HostTensor[])
    : undefined;
}

/** @returns nothing when tfjs cpu gives another shape or type than was recorded. */
function evaluate(node: Node, contents: readonly HostTensor[]): readonly HostTensor[] | undefined {
  const before = tf.getBackend();
  if (before !== 'cpu') void tf.setBackend('cpu');
  tf.engine().startScope();
  try {
    const tensors = contents.map(({ data, shape, dtype }) =>
      tf.tensor(data, [...shape], dtype as 'float32' | 'int32' | 'bool'),
    );
    // Kernels over a list of tensors have numbers for argument names.
    const inputs =
      node.inputNames[0] === '0'
        ? tensors
        : Object.fromEntries(tensors.map((tensor, i) => [node.inputNames[i] as string, tensor]));
    const result = tf
      .engine()
      .runKernel(node.kernel, inputs as unknown as tf.NamedTensorMap, node.attributes as tf.NamedAttrMap);
    const results = (Array.isArray(result) ? result : [result]) as tf.Tensor[];
    const fits = node.outputs.every(
      ({ spec }, i) => spec.dtype === results[i]?.dtype && spec.shape.join() === results[i]?.shape.join(),
    );
    if (!fits) return undefined;
    return results.map((tensor, i) => ({
      ...(node.outputs[i] as Value).spec,
      data: asTyped(tensor.dataSync(), tensor.dtype),
    }));
  } finally {
    tf.engine().endScope();
    if (before && before !== 'cpu') void tf.setBackend(before);
  }
}

/** tfjs cpu keeps some results in arrays of another kind than their type. */
function asTyped(values: ArrayLike<number>, dtype: tf.DataType): HostTensor['data'] {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values);
}
