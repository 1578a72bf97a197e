import type { Graph, Node, Value } from '../ir/graph.js';

/** Computes equal calls once: same kernel, same inputs, same attributes. Every kernel is a pure function, so this is always exact. */
export function mergeCommonSubexpressions(graph: Graph): Graph {
  const replaced = new Map<number, Value>();
  const current = (value: Value) => replaced.get(value.id) ?? value;
  const seen = new Map<string, Node>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(current);
    const key = JSON.stringify([node.kernel, node.inputNames, inputs.map(({ id }) => id), node.attributes]);
    const first = seen.get(key);
    if (first) {
      node.outputs.forEach((value, i) => {
        replaced.set(value.id, first.outputs[i] as Value);
      });
      continue;
    }
    const kept = { ...node, inputs };
    seen.set(key, kept);
    nodes.push(kept);
  }
  return { ...graph, nodes, outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })) };
}
