import { sizeOf } from '../host-tensor.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import type { TensorSpec } from '../types.js';
import { newValues } from './value-ids.js';

/**
 * Convolutions with 1×1 filters and their gradients as matrix products over the pixels: in a training step, where maps stay channels last, that takes no
 * transposes.
 */
export function pointwiseProducts(graph: Graph): Graph {
  const makeValue = newValues(graph);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const product = productOf(node);
    if (!product) {
      nodes.push(node);
      continue;
    }
    const reshape = (
      input: Value,
      shape: readonly number[],
      output = makeValue({ shape, dtype: 'float32' }),
    ): Value => {
      nodes.push({
        kernel: 'Reshape',
        inputs: [input],
        inputNames: ['x'],
        attributes: { shape },
        outputs: [output],
        where: node.where,
      });
      return output;
    };
    const output = node.outputs[0] as Value;
    const { a, b, transposeA, transposeB } = product;
    const matrices = [reshape(a.value, a.matrix), reshape(b.value, b.matrix)];
    const [m, n] = [transposeA ? a.matrix[2] : a.matrix[1], transposeB ? b.matrix[1] : b.matrix[2]];
    const spec: TensorSpec = { shape: [1, m ?? 0, n ?? 0], dtype: 'float32' };
    const result = makeValue(spec);
    nodes.push({
      kernel: 'BatchMatMul',
      inputs: matrices,
      inputNames: ['a', 'b'],
      attributes: { transposeA, transposeB },
      outputs: [result],
      where: node.where,
    });
    reshape(result, output.spec.shape, output);
  }
  return { ...graph, nodes };
}

interface Factor {
  readonly value: Value;
  readonly matrix: readonly number[];
}

interface Product {
  readonly a: Factor;
  readonly b: Factor;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function productOf(node: Node): Product | undefined {
  const argument = (name: string) => node.inputs[node.inputNames.indexOf(name)] as Value;
  const pixels = (name: string): Factor => {
    const value = argument(name);
    const channels = value.spec.shape[3] as number;
    return { value, matrix: [1, sizeOf(value.spec.shape) / channels, channels] };
  };
  const filter = (): Factor => ({ value: argument('filter'), matrix: [1, ...argument('filter').spec.shape.slice(2)] });
  switch (isPointwise(node) ? node.kernel : undefined) {
    case 'Conv2D':
      return { a: pixels('x'), b: filter(), transposeA: false, transposeB: false };
    case 'Conv2DBackpropInput':
      return { a: pixels('dy'), b: filter(), transposeA: false, transposeB: true };
    case 'Conv2DBackpropFilter':
      return { a: pixels('x'), b: pixels('dy'), transposeA: true, transposeB: false };
    default:
      return undefined;
  }
}

function isPointwise({ inputs, inputNames, attributes, outputs }: Node): boolean {
  const filter = inputs[inputNames.indexOf('filter')]?.spec.shape ?? (attributes.filterShape as number[] | undefined);
  const map = (name: string) => inputs[inputNames.indexOf(name)]?.spec.shape;
  if (filter?.[0] !== 1 || filter[1] !== 1 || attributes.dataFormat !== 'NHWC') return false;
  // Stride 1 and no padding: as many pixels come out as go in.
  const strides = [attributes.strides].flat();
  const [large, small] = [map('x') ?? outputs[0]?.spec.shape, map('dy') ?? outputs[0]?.spec.shape];
  const samePixels = large?.slice(0, 3).join() === small?.slice(0, 3).join();
  return strides.every((stride) => stride === 1) && samePixels && sizeOf(large ?? [0]) > 0;
}
