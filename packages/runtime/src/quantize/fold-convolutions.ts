import { type OnnxModel, type OnnxNode, type OnnxTensor, onnxType } from '../lower/onnx-proto.js';

/** The ints of a node's attribute. */
const intsOf = (node: OnnxNode, name: string) => node.attribute.find((attribute) => attribute.name === name)?.ints;

/** The numbers of a float32 tensor. */
export function floatsOf({ raw_data = new Uint8Array() }: OnnxTensor): Float32Array {
  return new Float32Array(Uint8Array.from(raw_data).buffer);
}

/** A float32 tensor. */
export function floatTensor(name: string, dims: readonly number[], data: Float32Array): OnnxTensor {
  const raw_data = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims, data_type: onnxType.float32, raw_data };
}

/**
 * The same model with filters and biases as plain constants of their convolutions: transposes and reshapes of constants are carried out, and an addition of a
 * constant per channel after a convolution becomes its bias.
 */
export function foldConvolutions(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const uses = new Map<string, number>();
  for (const name of [...graph.node.flatMap(({ input }) => input), ...graph.output.map(({ name: output }) => output)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const isFloat = (tensor: OnnxTensor | undefined): tensor is OnnxTensor =>
    tensor?.data_type === onnxType.float32 && tensor.raw_data !== undefined;
  const nodes: OnnxNode[] = [];
  /** Convolutions without a bias by the name of their output, as places in `nodes`. */
  const bare = new Map<string, number>();
  for (const node of graph.node) {
    const [output = ''] = node.output;
    const [first = '', second = ''] = node.input;
    const [source, other] = [constants.get(first), constants.get(second)];
    const permutation = intsOf(node, 'perm');
    if (node.op_type === 'Transpose' && isFloat(source) && permutation) {
      constants.set(output, transposed(source, permutation, output));
      continue;
    }
    if (node.op_type === 'Reshape' && isFloat(source) && other?.raw_data) {
      const dims = Array.from(new BigInt64Array(Uint8Array.from(other.raw_data).buffer), Number);
      if (dims.every((dim) => dim > 0)) {
        constants.set(output, { ...source, name: output, dims });
        continue;
      }
    }
    const at = node.op_type === 'Add' ? bare.get(first) : undefined;
    const convolution = at === undefined ? undefined : (nodes[at] as OnnxNode);
    const channels = convolution ? constants.get(convolution.input[1] as string)?.dims[0] : undefined;
    if (at !== undefined && convolution && isFloat(other) && uses.get(first) === 1 && isPerChannel(other, channels)) {
      const bias = `${output}_bias`;
      constants.set(bias, { ...other, name: bias, dims: [channels as number] });
      nodes[at] = { ...convolution, input: [...convolution.input, bias], output: [output] };
      continue;
    }
    if (node.op_type === 'Conv' && node.input.length === 2) bare.set(output, nodes.length);
    nodes.push(node);
  }
  const needed = new Set([...nodes.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  const initializer = [...constants.values()].filter(({ name }) => needed.has(name));
  return { ...model, graph: { ...graph, node: nodes, initializer } };
}

/** Whether a constant is `[C, 1, 1]` or `[1, C, 1, 1]`. */
function isPerChannel({ dims }: OnnxTensor, channels: number | undefined): boolean {
  return channels !== undefined && [`${channels},1,1`, `1,${channels},1,1`].includes(dims.join());
}

function transposed(tensor: OnnxTensor, permutation: readonly number[], name: string): OnnxTensor {
  const from = floatsOf(tensor);
  const dims = permutation.map((axis) => tensor.dims[axis] as number);
  const strides = tensor.dims.map((_, axis) => tensor.dims.slice(axis + 1).reduce((product, d) => product * d, 1));
  const steps = permutation.map((axis) => strides[axis] as number);
  const to = new Float32Array(from.length);
  const index = dims.map(() => 0);
  let source = 0;
  for (let at = 0; at < to.length; at++) {
    to[at] = from[source] as number;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      source += steps[axis] as number;
      if ((index[axis] as number) < (dims[axis] as number)) break;
      source -= (steps[axis] as number) * (dims[axis] as number);
      index[axis] = 0;
    }
  }
  return floatTensor(name, dims, to);
}
