import type { Graph } from '../ir/graph.js';

/** Drops nodes and constants that no output depends on. Inputs stay: they are the program's signature. */
export function removeDeadNodes(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value.id));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((value) => needed.has(value.id))) return false;
      for (const input of node.inputs) needed.add(input.id);
      return true;
    })
    .toReversed();
  return { ...graph, nodes, constants: graph.constants.filter(({ value }) => needed.has(value.id)) };
}
