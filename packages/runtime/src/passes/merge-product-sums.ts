import type { Graph, Node, Value } from '../ir/graph.js';
import { countUses, newValues } from './value-ids.js';

/** A term `aᵀ·b` of a sum, a `[K, M]`, b `[K, N]`, or both with a leading axis of 1. */
interface Term {
  readonly a: Value;
  readonly b: Value;
  readonly nodes: readonly Node[];
}

/** Shorter sums are left as they are. */
const fewest = 3;

/**
 * A sum of products `a₁ᵀ·b₁ + a₂ᵀ·b₂ + …`, as the gradient of a weight that a recurrent network uses at every position, becomes one product of the joined
 * factors. Equal up to rounding.
 */
export function mergeProductSums(graph: Graph): Graph {
  const uses = countUses(graph);
  const makeValue = newValues(graph);
  const makers = new Map<number, Node>();
  for (const node of graph.nodes) for (const { id } of node.outputs) makers.set(id, node);
  const makerOfSingle = (value: Value) => (uses.get(value.id) === 1 ? makers.get(value.id) : undefined);
  const termOf = (value: Value): Term | undefined => {
    const top = makerOfSingle(value);
    const product = top?.kernel === 'Reshape' ? makerOfSingle(top.inputs[0] as Value) : top;
    if (!top || product?.kernel !== 'BatchMatMul' || !product.attributes.transposeA || product.attributes.transposeB)
      return undefined;
    const [a, b] = product.inputs as readonly [Value, Value];
    return isMatrix(a) && isMatrix(b) ? { a, b, nodes: top === product ? [top] : [top, product] } : undefined;
  };
  const dropped = new Set<Node>();
  const replacements = new Map<Node, readonly Node[]>();
  // From the end, so that the last sum of a chain is seen first and takes the whole chain.
  for (const node of graph.nodes.toReversed()) {
    if (node.kernel !== 'Add' || dropped.has(node)) continue;
    const output = node.outputs[0] as Value;
    const terms: Term[] = [];
    const others: Value[] = [];
    const sums: Node[] = [];
    const collect = (sum: Node) => {
      sums.push(sum);
      for (const value of sum.inputs) {
        const term = value.spec.shape.join() === output.spec.shape.join() ? termOf(value) : undefined;
        const next = makerOfSingle(value);
        if (term) terms.push(term);
        else if (next?.kernel === 'Add' && value.spec.shape.join() === output.spec.shape.join()) collect(next);
        else others.push(value);
      }
    };
    collect(node);
    const [first] = terms;
    if (!first || terms.length < fewest) continue;
    for (const used of [...sums, ...terms.flatMap(({ nodes }) => nodes)]) dropped.add(used);
    replacements.set(node, mergedSum(node, terms, others, makeValue));
  }
  const nodes = graph.nodes.flatMap((node) => replacements.get(node) ?? (dropped.has(node) ? [] : [node]));
  return { ...graph, nodes };
}

function isMatrix({ spec: { shape, dtype } }: Value): boolean {
  return dtype === 'float32' && (shape.length === 2 || (shape.length === 3 && shape[0] === 1));
}

/** Stands where the last sum stood: everything it needs is there. */
function mergedSum(
  { outputs, where }: Node,
  terms: readonly Term[],
  others: readonly Value[],
  makeValue: (spec: Value['spec']) => Value,
): readonly Node[] {
  const output = outputs[0] as Value;
  const nodes: Node[] = [];
  const add = (
    kernel: string,
    inputs: readonly Value[],
    inputNames: readonly string[],
    attributes: Node['attributes'],
    value: Value,
  ) => {
    nodes.push({ kernel, inputs, inputNames, attributes, outputs: [value], where });
    return value;
  };
  const joined = (values: readonly Value[]): Value => {
    const axis = (values[0]?.spec.shape.length ?? 2) - 2;
    const rows = values.reduce((sum, { spec }) => sum + (spec.shape[axis] as number), 0);
    const shape = (values[0] as Value).spec.shape.with(axis, rows);
    return add(
      'Concat',
      values,
      values.map((_, i) => `${i}`),
      { axis },
      makeValue({ shape, dtype: 'float32' }),
    );
  };
  const [a, b] = [joined(terms.map((term) => term.a)), joined(terms.map((term) => term.b))];
  const shape = [...a.spec.shape.slice(0, -2), a.spec.shape.at(-1) as number, b.spec.shape.at(-1) as number];
  const transposes = { transposeA: true, transposeB: false };
  const product = add('BatchMatMul', [a, b], ['a', 'b'], transposes, makeValue({ shape, dtype: 'float32' }));
  const { spec } = output;
  const reshaped = others.length ? makeValue(spec) : output;
  nodes.push({
    kernel: 'Reshape',
    inputs: [product],
    inputNames: ['x'],
    attributes: { shape: spec.shape },
    outputs: [reshaped],
    where,
  });
  others.reduce(
    (sum, other, i) => add('Add', [sum, other], ['a', 'b'], {}, i === others.length - 1 ? output : makeValue(spec)),
    reshaped,
  );
  return nodes;
}
