import { hostTensor, sizeOf } from '../host-tensor.js';
import type { Constant, Graph, Node, Value } from '../ir/graph.js';
import type { HostTensor } from '../types.js';
import { countUses, newValues } from './value-ids.js';

/** `y = scale · conv + shift`, per output channel. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/**
 * Folds what multiplies and adds constants per channel after a convolution with a constant filter — batch normalization on running statistics —
 * into the filter and a bias. Equal up to rounding.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const constants = new Map(graph.constants.map(({ value, tensor }) => [value.id, tensor]));
  const users = new Map<number, Node>();
  for (const node of graph.nodes) for (const { id } of node.inputs) users.set(id, node);
  const uses = countUses(graph);
  const makeValue = newValues(graph);
  const replaced = new Map<Node, Node>();
  const dropped = new Set<Node>();
  const added: Constant[] = [];
  const addConstant = (data: Float32Array, shape: readonly number[]): Value => {
    const value = makeValue({ shape, dtype: 'float32' });
    added.push({ value, tensor: hostTensor(data, shape) });
    return value;
  };
  for (const conv of graph.nodes) {
    const filter = conv.kernel === 'Conv2D' ? constants.get(conv.inputs[1]?.id ?? -1) : undefined;
    if (!filter) continue;
    const channels = filter.shape[3] ?? 0;
    let affine: Affine = { scale: new Float64Array(channels).fill(1), shift: new Float64Array(channels) };
    let value = conv.outputs[0] as Value;
    const chain: Node[] = [];
    while (uses.get(value.id) === 1) {
      const user = users.get(value.id);
      const next = user && step(affine, user, value, constants, channels);
      if (!user || !next) break;
      affine = next;
      chain.push(user);
      value = user.outputs[0] as Value;
    }
    if (!chain.length) continue;
    const { scale, shift } = affine;
    const scaled = scaledFilter(filter.data, scale);
    const bias = addConstant(Float32Array.from(shift), [channels]);
    replaced.set(conv, {
      ...conv,
      kernel: 'FusedConv2D',
      inputs: [conv.inputs[0] as Value, addConstant(scaled, filter.shape), bias],
      inputNames: ['x', 'filter', 'bias'],
      attributes: { ...conv.attributes, activation: 'linear' },
      outputs: [value],
    });
    for (const node of chain) dropped.add(node);
  }
  // The convolution stands where it stood: everything it needs is there, and the value it now makes is used later.
  const nodes = graph.nodes.flatMap((node) => (dropped.has(node) ? [] : [replaced.get(node) ?? node]));
  return { ...graph, nodes, constants: [...graph.constants, ...added] };
}

/** One more multiplication or addition by a constant per channel, or nothing when the node is something else. */
function step(
  { scale, shift }: Affine,
  node: Node,
  value: Value,
  constants: ReadonlyMap<number, HostTensor>,
  channels: number,
): Affine | undefined {
  const isLeft = node.inputs[0]?.id === value.id;
  const operand = constants.get(node.inputs[isLeft ? 1 : 0]?.id ?? -1);
  if (!operand || node.inputs.length !== 2 || !isPerChannel(operand, channels)) return undefined;
  const at = (i: number) => operand.data[operand.data.length === 1 ? 0 : i] as number;
  switch (node.kernel) {
    case 'Multiply':
      return { scale: scale.map((a, i) => a * at(i)), shift: shift.map((b, i) => b * at(i)) };
    case 'RealDiv':
      return isLeft ? { scale: scale.map((a, i) => a / at(i)), shift: shift.map((b, i) => b / at(i)) } : undefined;
    case 'Add':
      return { scale, shift: shift.map((b, i) => b + at(i)) };
    case 'Sub':
      return isLeft
        ? { scale, shift: shift.map((b, i) => b - at(i)) }
        : { scale: scale.map((a) => -a), shift: shift.map((b, i) => at(i) - b) };
    default:
      return undefined;
  }
}

function isPerChannel({ shape, dtype }: HostTensor, channels: number): boolean {
  const size = sizeOf(shape);
  return dtype === 'float32' && shape.length <= 4 && (size === 1 || (size === channels && shape.at(-1) === channels));
}

/** A loop over the channels innermost: filters have millions of elements. */
function scaledFilter(filter: HostTensor['data'], scale: Float64Array): Float32Array {
  const channels = scale.length;
  const scaled = new Float32Array(filter.length);
  for (let start = 0; start < filter.length; start += channels) {
    for (let channel = 0; channel < channels; channel++) {
      scaled[start + channel] = (filter[start + channel] as number) * (scale[channel] as number);
    }
  }
  return scaled;
}
