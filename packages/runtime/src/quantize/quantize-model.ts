import { BackendError } from '@refclip/structures';
import { type OnnxModel, type OnnxNode, type OnnxTensor, onnxType } from '../lower/onnx-proto.js';
import type { NamedHostTensors } from '../types.js';
import { findQuantizable } from './find-quantizable.js';
import { floatsOf, floatTensor, foldConvolutions } from './fold-convolutions.js';
import { measureRanges, type ValueRange } from './measure-ranges.js';

/** ONNX's element type of bytes with a sign. */
const int8 = 3;

/**
 * A model whose convolutions compute in eight bits, in the QDQ form that any ONNX runtime reads: filters as int8 (seven bits of it) with a scale per output channel, activations as
 * uint8 with a scale and a zero point from their ranges on samples, biases as int32. What {@link findQuantizable} leaves out keeps float32.
 *
 * @param samples  inputs of the kind that the model will see; their least and largest activations are what 8 bits have to hold.
 * @throws {BackendError} when there is no sample, or nothing to quantize.
 * @see Jacob et al. 2018, Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference
 */
export async function quantizeModel(
  model: OnnxModel,
  samples: AsyncIterable<NamedHostTensors> | Iterable<NamedHostTensors>,
): Promise<OnnxModel> {
  const folded = foldConvolutions(model);
  const { nodes, values, copies } = findQuantizable(folded);
  if (!nodes.size)
    throw new BackendError('nothing to quantize: the model has no convolution that a LeakyReLU follows.');
  const sourceOf = (name: string) => copies.get(name) ?? name;
  const ranges = await measureRanges(folded, [...new Set([...values].map(sourceOf))], samples);
  if (!ranges.size) throw new BackendError('quantization needs at least one sample of the inputs.');
  const { graph } = folded;
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const added: OnnxTensor[] = [];
  const result: OnnxNode[] = [];
  const scaleOf = (name: string) => affine(ranges.get(sourceOf(name)) as ValueRange);

  /** Eight bits and back: what stands between is computed on bytes by runtimes that can. */
  const throughBytes = (name: string): void => {
    const { scale, zero } = scaleOf(name);
    added.push(floatTensor(`${name}_scale`, [], Float32Array.of(scale)));
    added.push({ name: `${name}_zero`, dims: [], data_type: onnxType.uint8, raw_data: Uint8Array.of(zero) });
    const parameters = [`${name}_scale`, `${name}_zero`];
    result.push(call('QuantizeLinear', [name, ...parameters], `${name}_bytes`));
    result.push(call('DequantizeLinear', [`${name}_bytes`, ...parameters], `${name}_rounded`));
  };
  const read = (name: string) => (values.has(name) ? `${name}_rounded` : name);

  for (const { name } of graph.input) if (values.has(name)) throughBytes(name);
  for (const node of graph.node) {
    const input = node.input.map(read);
    const [source = '', filter = '', bias] = node.input;
    if (node.op_type === 'Conv' && nodes.has(node.name)) {
      const bytes = filterBytes(constants.get(filter) as OnnxTensor, node.name);
      added.push(bytes.filter, bytes.scales);
      input[1] = `${node.name}_filter`;
      const axis = [{ name: 'axis', type: 2, i: 0 }];
      result.push(call('DequantizeLinear', [bytes.filter.name, bytes.scales.name], input[1], axis));
      if (bias !== undefined) {
        const whole = biasWords(constants.get(bias) as OnnxTensor, bytes.values, scaleOf(source).scale, node.name);
        added.push(whole.bias, whole.scales);
        input[2] = `${node.name}_bias`;
        result.push(call('DequantizeLinear', [whole.bias.name, whole.scales.name], input[2], axis));
      }
    }
    result.push({ ...node, input });
    for (const name of node.output) if (values.has(name)) throughBytes(name);
  }
  const needed = new Set([...result.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  const kept = graph.initializer.filter(({ name }) => needed.has(name));
  return { ...folded, graph: { ...graph, node: result, initializer: [...kept, ...added] } };
}

function call(type: string, input: readonly string[], output: string, attribute: OnnxNode['attribute'] = []): OnnxNode {
  return { op_type: type, name: `${type} ${output}`, input, output: [output], attribute };
}

/** Scale and zero point of a range, which is widened to hold 0: padding must be exact. */
function affine({ least, most }: ValueRange): { readonly scale: number; readonly zero: number } {
  const [low, high] = [Math.min(0, least), Math.max(0, most)];
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}

/**
 * Processors without VNNI instructions add two products of an activation and a filter's byte in 16 bits, which saturate without a word above this: 2 × 255 × 64 is
 * the largest such sum that fits. The toy network of the test is then 2.5 % from float32 everywhere; with 127 it was 7 % off on AVX2.
 */
const largestFilterByte = 64;

/** A filter `[out, …]` in int8, in seven bits of it, with a scale per output channel, symmetric. */
function filterBytes(tensor: OnnxTensor, name: string) {
  const floats = floatsOf(tensor);
  const channels = tensor.dims[0] as number;
  const size = floats.length / channels;
  const values = new Float32Array(channels);
  const bytes = new Int8Array(floats.length);
  for (let channel = 0; channel < channels; channel++) {
    const own = floats.subarray(channel * size, (channel + 1) * size);
    const most = own.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const scale = Math.fround(most / largestFilterByte) || 1;
    values[channel] = scale;
    own.forEach((value, i) => {
      bytes[channel * size + i] = Math.max(-largestFilterByte, Math.min(largestFilterByte, Math.round(value / scale)));
    });
  }
  const filter: OnnxTensor = {
    name: `${name}_filter_bytes`,
    dims: tensor.dims,
    data_type: int8,
    raw_data: new Uint8Array(bytes.buffer),
  };
  return { filter, scales: floatTensor(`${name}_filter_scales`, [channels], values), values };
}

/** A bias `[out]` in int32, in units of input scale × filter scale: what the sums of products of bytes are in. */
function biasWords(tensor: OnnxTensor, filterScales: Float32Array, inputScale: number, name: string) {
  const scales = filterScales.map((scale) => scale * inputScale);
  const limit = 2 ** 31 - 1;
  const words = Int32Array.from(floatsOf(tensor), (value, channel) =>
    Math.max(-limit, Math.min(limit, Math.round(value / (scales[channel] as number)))),
  );
  const bias: OnnxTensor = {
    name: `${name}_bias_words`,
    dims: [words.length],
    data_type: onnxType.int32,
    raw_data: new Uint8Array(words.buffer),
  };
  return { bias, scales: floatTensor(`${name}_bias_scales`, [words.length], scales) };
}
