import { sizeOf } from '../host-tensor.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import { countUses, newValues } from './value-ids.js';

/**
 * `(x · a) · b` becomes `x · (a · b)` where a and b are much smaller than x: one pass over x instead of two. Equal up to rounding.
 */
export function mergeScales(graph: Graph): Graph {
  const uses = countUses(graph);
  const extreme = new Set(graph.constants.filter(({ tensor }) => isExtreme(tensor.data)).map(({ value }) => value.id));
  const makeValue = newValues(graph);
  /** Products of a large value with a small one, by result. */
  const scaled = new Map<number, { readonly large: Value; readonly small: Value; readonly node: Node }>();
  const dropped = new Set<Node>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const split = splitProduct(node);
    if (!split || extreme.has(split.small.id)) {
      nodes.push(node);
      continue;
    }
    const inner = uses.get(split.large.id) === 1 ? scaled.get(split.large.id) : undefined;
    let product = { ...split, node };
    if (inner) {
      dropped.add(inner.node);
      const small = makeValue(broadcastSpec(inner.small, split.small));
      nodes.push({ ...node, inputs: [inner.small, split.small], inputNames: ['a', 'b'], outputs: [small] });
      const merged = { ...node, inputs: [inner.large, small], inputNames: ['a', 'b'] };
      product = { large: inner.large, small, node: merged };
    }
    nodes.push(product.node);
    scaled.set((node.outputs[0] as Value).id, product);
  }
  return { ...graph, nodes: nodes.filter((node) => !dropped.has(node)) };
}

/** The factors of a product of which one has the result's shape and the other at most an eighth of its elements. */
function splitProduct({ kernel, inputs, outputs }: Node): { large: Value; small: Value } | undefined {
  const output = outputs[0] as Value;
  if (kernel !== 'Multiply' || output.spec.dtype !== 'float32') return undefined;
  const [a, b] = inputs as readonly [Value, Value];
  const isLarge = (value: Value) => value.spec.shape.join() === output.spec.shape.join();
  const isSmall = (value: Value) => 8 * sizeOf(value.spec.shape) <= sizeOf(output.spec.shape);
  if (isLarge(a) && isSmall(b)) return { large: a, small: b };
  return isLarge(b) && isSmall(a) ? { large: b, small: a } : undefined;
}

function broadcastSpec(a: Value, b: Value): Value['spec'] {
  const rank = Math.max(a.spec.shape.length, b.spec.shape.length);
  const at = ({ spec }: Value, axis: number) => spec.shape[axis - rank + spec.shape.length] ?? 1;
  return { shape: Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis))), dtype: 'float32' };
}

/** Factors whose product with another may leave the range of floats although each product with x stays inside. */
function isExtreme(data: ArrayLike<number>): boolean {
  return data.length === 1 && (Math.abs(data[0] as number) > 1e18 || Math.abs(data[0] as number) < 1e-18);
}
