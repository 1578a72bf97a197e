import { sizeOf } from '../host-tensor.js';
import type { Graph, Value } from './graph.js';

const spec = (value: Value) => `${value.spec.dtype}[${value.spec.shape.join(', ')}]`;

/** A graph as text, one node a line: `%7 float32[1, 8] = MatMul(a: %1, b: %2) {transposeA: false}`. */
export function printGraph(graph: Graph): string {
  const ids = new Map<number, number>();
  const name = (value: Value) => {
    if (!ids.has(value.id)) ids.set(value.id, ids.size);
    return `%${ids.get(value.id)}`;
  };
  const lines = [`graph ${graph.name}`];
  for (const input of graph.inputs) lines.push(`  input ${input.name}: ${name(input.value)} ${spec(input.value)}`);
  for (const { value, tensor, name: label } of graph.constants) {
    const content = sizeOf(tensor.shape) <= 8 ? ` = [${Array.from(tensor.data).join(', ')}]` : '';
    lines.push(`  constant ${name(value)} ${spec(value)}${label ? ` "${label}"` : ''}${content}`);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((value, i) => `${node.inputNames[i]}: ${name(value)}`).join(', ');
    const attributes = Object.entries(node.attributes)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
      .join(', ');
    const outputs = node.outputs.map((value) => `${name(value)} ${spec(value)}`).join(', ');
    lines.push(`  ${outputs} = ${node.kernel}(${inputs})${attributes ? ` {${attributes}}` : ''}`);
  }
  for (const output of graph.outputs) lines.push(`  output ${output.name}: ${name(output.value)}`);
  return lines.join('\n');
}
