import type { Graph, Node, Value } from '../ir/graph.js';

/** Drops nodes that give their input back: identities, reshapes to the same shape, casts to the same type. */
export function removeNoOps(graph: Graph): Graph {
  const replaced = new Map<number, Value>();
  const current = (value: Value) => replaced.get(value.id) ?? value;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(current);
    const [input, output] = [inputs[0], node.outputs[0]];
    if (input && output && isNoOp(node, input, output)) replaced.set(output.id, input);
    else nodes.push({ ...node, inputs });
  }
  return { ...graph, nodes, outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })) };
}

function isNoOp({ kernel }: Node, input: Value, output: Value): boolean {
  if (kernel === 'Identity') return true;
  if (kernel === 'Cast') return input.spec.dtype === output.spec.dtype;
  return kernel === 'Reshape' && input.spec.shape.join() === output.spec.shape.join();
}
