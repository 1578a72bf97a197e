import { type OnnxModel, type OnnxNode, onnxType } from '../lower/onnx-proto.js';

/** What of a model is computed in eight bits. */
export interface Quantizable {
  /** Names of the nodes. */
  readonly nodes: ReadonlySet<string>;
  /** The values between them, those that go in and come out included. */
  readonly values: ReadonlySet<string>;
  /** Values that are the same numbers in another place, and what they are of: they have the range of that. */
  readonly copies: ReadonlyMap<string, string>;
}

/** Operators that hand numbers on. */
const copying = new Set(['MaxPool', 'Resize']);
const joining = new Set(['Add', 'Concat', 'AveragePool']);

/**
 * Convolutions with constant filters that a LeakyReLU follows, and what lies between them: additions, concatenations, pooling, enlargement. Convolutions without an
 * activation predict numbers (boxes, offsets, embeddings) and keep float32.
 *
 * @param model  with folded convolutions.
 */
export function findQuantizable({ graph }: OnnxModel): Quantizable {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of graph.node)
    for (const name of node.input) consumers.set(name, [...(consumers.get(name) ?? []), node]);
  const nodes = new Set<string>();
  const values = new Set<string>();
  const copies = new Map<string, string>();
  for (const node of graph.node) {
    const [output = ''] = node.output;
    const [input = '', filter = '', bias] = node.input;
    const own = consumers.get(output) ?? [];
    if (node.op_type === 'Conv') {
      const isPlain =
        constants.get(filter)?.data_type === onnxType.float32 && (bias === undefined || constants.has(bias));
      if (!isPlain || outputs.has(output) || own.length !== 1 || own[0]?.op_type !== 'LeakyRelu') continue;
      nodes.add(node.name);
      values.add(input).add(output);
    } else if (node.op_type === 'LeakyRelu') {
      if (!values.has(input)) continue;
      nodes.add(node.name);
      values.add(output);
    } else if (joining.has(node.op_type) && node.input.every((name) => values.has(name))) {
      nodes.add(node.name);
      values.add(output);
    } else if (copying.has(node.op_type) && values.has(input)) {
      nodes.add(node.name);
      values.add(output);
      copies.set(output, copies.get(input) ?? input);
    }
  }
  for (const name of outputs) values.delete(name);
  return { nodes, values, copies };
}
