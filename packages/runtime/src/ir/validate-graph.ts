import { RefclipError } from '@refclip/structures';
import { sizeOf } from '../host-tensor.js';
import type { ConstantTensor } from '../types.js';
import type { Graph, Value } from './graph.js';

/**
 * Checks that every value is made once and before it is used, that constants hold as many elements as their shape says, and that names are unique.
 *
 * @throws {RefclipError} that lists every problem; a graph that a pass or the recorder got wrong is a bug of this package.
 */
export function validateGraph(graph: Graph<ConstantTensor>): void {
  const problems: string[] = [];
  const made = new Set<number>();
  const make = (value: Value, what: string) => {
    if (made.has(value.id)) problems.push(`${what}: value ${value.id} is made twice`);
    made.add(value.id);
    if (value.spec.shape.some((d) => !Number.isInteger(d) || d < 0)) {
      problems.push(`${what}: shape [${value.spec.shape.join(', ')}] is not made of whole numbers`);
    }
  };
  for (const input of graph.inputs) make(input.value, `input ${input.name}`);
  for (const { value, tensor } of graph.constants) {
    make(value, 'constant');
    const length = 'data' in tensor ? tensor.data.length : sizeOf(tensor.shape);
    if (length !== sizeOf(value.spec.shape)) {
      problems.push(`constant ${value.id}: ${length} elements for shape [${value.spec.shape.join(', ')}]`);
    }
  }
  graph.nodes.forEach((node, index) => {
    for (const input of node.inputs) {
      if (!made.has(input.id))
        problems.push(`node ${index} (${node.kernel}): uses value ${input.id} before it is made`);
    }
    for (const output of node.outputs) make(output, `node ${index} (${node.kernel})`);
  });
  for (const output of graph.outputs) {
    if (!made.has(output.value.id)) problems.push(`output ${output.name}: value ${output.value.id} is never made`);
  }
  for (const [what, list] of [
    ['input', graph.inputs],
    ['output', graph.outputs],
  ] as const) {
    if (new Set(list.map(({ name }) => name)).size !== list.length) problems.push(`two ${what}s have one name`);
  }
  if (problems.length) throw new RefclipError('numeric', `graph ${graph.name} is invalid:\n  ${problems.join('\n  ')}`);
}
