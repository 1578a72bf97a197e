import * as tf from '@tensorflow/tfjs';
import type { Graph, Node, Value } from '../ir/graph.js';
import { newValues } from './value-ids.js';

/** Kernels that do the same to every element, of operands that broadcast. */
const elementwise = new Set(
  'Abs Add Cast Exp Log Maximum Minimum Multiply Neg RealDiv Reciprocal Rsqrt Sigmoid Sqrt Square SquaredDifference Sub Tanh'.split(
    ' ',
  ),
);

/** A value of which only the part before broadcasting is computed so far. */
interface Small {
  readonly value: Value;
  /** The constant of ones that makes the whole. */
  readonly ones: Value;
}

/**
 * Puts off products with ones, by which tfjs spreads gradients of sums and means: what follows is computed on the small operand, or broadcasts it itself.
 * Exact.
 */
export function broadcastLate(graph: Graph): Graph {
  const makeValue = newValues(graph);
  const ones = new Set(graph.constants.filter(({ tensor }) => isOnes(tensor)).map(({ value }) => value.id));
  const smalls = new Map<number, Small>();
  const replaced = new Map<number, Value>();
  const nodes: Node[] = [];
  const whole = (value: Value): Value => {
    const small = smalls.get(value.id);
    if (!small) return replaced.get(value.id) ?? value;
    smalls.delete(value.id);
    nodes.push({
      kernel: 'Multiply',
      inputs: [small.value, small.ones],
      inputNames: ['a', 'b'],
      attributes: {},
      outputs: [value],
      where: 'broadcast',
    });
    return value;
  };
  const part = (value: Value) => smalls.get(value.id)?.value ?? replaced.get(value.id) ?? value;
  for (const node of graph.nodes) {
    const output = node.outputs[0] as Value;
    const spread = productWithOnes(node, ones);
    if (spread) {
      const small = part(spread.operand);
      if (sameShape(small, output)) replaced.set(output.id, small);
      else smalls.set(output.id, { value: small, ones: spread.ones });
      continue;
    }
    const pending = node.inputs.map(({ id }) => smalls.get(id)).find((small) => small !== undefined);
    if (!pending || !elementwise.has(node.kernel)) {
      nodes.push({ ...node, inputs: node.inputs.map(whole) });
      continue;
    }
    const inputs = node.inputs.map(part);
    const shape = inputs
      .map((value) => [...value.spec.shape])
      .reduce((left, right) => tf.broadcast_util.assertAndGetBroadcastShape(left, right));
    if (shape.join() === output.spec.shape.join()) {
      nodes.push({ ...node, inputs });
    } else if (pending.ones.spec.shape.join() === output.spec.shape.join()) {
      const value = makeValue({ shape, dtype: output.spec.dtype });
      nodes.push({ ...node, inputs, outputs: [value] });
      smalls.set(output.id, { value, ones: pending.ones });
    } else {
      // Several operands spread along different axes: no constant has the result's shape.
      nodes.push({ ...node, inputs: node.inputs.map(whole) });
    }
  }
  for (const { value } of graph.outputs) whole(value);
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: whole(value) }));
  return { ...graph, nodes, outputs };
}

function productWithOnes(node: Node, ones: ReadonlySet<number>): { operand: Value; ones: Value } | undefined {
  if (node.kernel !== 'Multiply') return undefined;
  const [a, b] = node.inputs as readonly [Value, Value];
  const output = node.outputs[0] as Value;
  if (ones.has(b.id) && sameShape(b, output)) return { operand: a, ones: b };
  return ones.has(a.id) && sameShape(a, output) ? { operand: b, ones: a } : undefined;
}

const sameShape = (a: Value, b: Value) => a.spec.shape.join() === b.spec.shape.join();

function isOnes({ data, dtype }: Graph['constants'][number]['tensor']): boolean {
  if (dtype !== 'float32') return false;
  for (let i = 0; i < data.length; i++) if (data[i] !== 1) return false;
  return true;
}
