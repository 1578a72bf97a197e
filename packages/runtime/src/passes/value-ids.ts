import type { Graph, Value } from '../ir/graph.js';
import type { TensorSpec } from '../types.js';

/** Makes values with ids that a graph does not use yet. */
export function newValues(graph: Graph): (spec: TensorSpec) => Value {
  const all = [...graph.inputs, ...graph.constants].map(({ value }) => value.id);
  let next =
    graph.nodes.reduce((top, node) => Math.max(top, ...node.outputs.map(({ id }) => id)), Math.max(-1, ...all)) + 1;
  return (spec) => ({ id: next++, spec });
}

/** How often each value is used, by nodes and as an output. */
export function countUses(graph: Graph): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  const values = [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ value }) => value)];
  for (const { id } of values) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}
