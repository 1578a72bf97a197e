import { expect, test } from 'vitest';
import type { OnnxModel, OnnxNode, OnnxTensor } from '../lower/onnx-proto.js';
import { floatsOf, floatTensor, foldConvolutions } from './fold-convolutions.js';

const node = (op_type: string, input: string[], output: string, perm?: number[]): OnnxNode => ({
  op_type,
  name: `node ${output}`,
  input,
  output: [output],
  attribute: perm ? [{ name: 'perm', type: 7, ints: perm }] : [],
});
const int64 = (name: string, values: number[]): OnnxTensor => {
  const bytes = new BigInt64Array(values.map(BigInt));
  return { name, dims: [values.length], data_type: 7, raw_data: new Uint8Array(bytes.buffer) };
};
const modelOf = (nodes: OnnxNode[], initializer: OnnxTensor[], outputs: string[]): OnnxModel => ({
  ir_version: 9,
  producer_name: 'test',
  opset_import: [{ domain: '', version: 19 }],
  graph: {
    name: 'test',
    node: nodes,
    initializer,
    input: [],
    output: outputs.map((name) => ({ name, type: { tensor_type: { elem_type: 1, shape: { dim: [] } } } })),
  },
});
// [1, 1, 3, 2] in HWIO: two filters of three channels.
const filter = floatTensor('filter', [1, 1, 3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
const bias = floatTensor('bias', [2], Float32Array.of(7, 8));
const nodes = [
  node('Transpose', ['filter'], 'oihw', [3, 2, 0, 1]),
  node('Conv', ['x', 'oihw'], 'y'),
  node('Reshape', ['bias', 'shape'], 'row'),
  node('Add', ['y', 'row'], 'z'),
];

test('filter and bias become constants of the convolution, in its order', () => {
  const { graph } = foldConvolutions(modelOf(nodes, [filter, bias, int64('shape', [2, 1, 1])], ['z']));
  expect(graph.node).toHaveLength(1);
  const [convolution] = graph.node;
  expect(convolution).toMatchObject({ op_type: 'Conv', input: ['x', 'oihw', 'z_bias'], output: ['z'] });
  expect(graph.initializer.map(({ name, dims }) => [name, dims])).toEqual([
    ['oihw', [2, 3, 1, 1]],
    ['z_bias', [2]],
  ]);
  const [folded, added] = graph.initializer as [OnnxTensor, OnnxTensor];
  expect([...floatsOf(folded)]).toEqual([1, 3, 5, 2, 4, 6]);
  expect([...floatsOf(added)]).toEqual([7, 8]);
});

test('a sum that another node reads, or that is no constant per channel, stays a sum', () => {
  const shared = foldConvolutions(modelOf(nodes, [filter, bias, int64('shape', [2, 1, 1])], ['z', 'y']));
  expect(shared.graph.node.map(({ op_type }) => op_type)).toEqual(['Conv', 'Add']);
  const whole = foldConvolutions(modelOf(nodes, [filter, bias, int64('shape', [1, 1, 2])], ['z']));
  expect(whole.graph.node.map(({ op_type }) => op_type)).toEqual(['Conv', 'Add']);
});
