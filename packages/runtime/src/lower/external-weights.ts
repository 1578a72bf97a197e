import type { OnnxModel, OnnxTensor } from './onnx-proto.js';

/** A model whose large tensors are named but kept elsewhere. */
export interface SplitModel {
  readonly model: OnnxModel;
  /** The tensors that were taken out, in the order of their bytes. */
  readonly weights: readonly { readonly location: string; readonly data: Uint8Array }[];
}

/** Tensors of at least so many bytes are kept outside; small ones (shapes, axes, scalars) must stay in the graph. */
const smallest = 1024;

/** External data starts at multiples of this, so that files can be mapped. */
const alignment = 4096;

const externally = (tensor: OnnxTensor, entries: Readonly<Record<string, string | number>>): OnnxTensor => {
  const { raw_data: _, ...rest } = tensor;
  const external_data = Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }));
  return { ...rest, external_data, data_location: 1 };
};

/** Each large tensor under a location of its own: handed to ONNX Runtime from memory without being copied into the model. */
export function splitWeights(model: OnnxModel): SplitModel {
  const weights: { location: string; data: Uint8Array }[] = [];
  const initializer = model.graph.initializer.map((tensor) => {
    if (!tensor.raw_data || tensor.raw_data.length < smallest) return tensor;
    const location = `weight-${weights.length}`;
    weights.push({ location, data: tensor.raw_data });
    return externally(tensor, { location, offset: 0, length: tensor.raw_data.length });
  });
  return { model: { ...model, graph: { ...model.graph, initializer } }, weights };
}

/** All large tensors in one file beside the model. `chunks` is the file's content, padding included. */
export function joinWeights(
  model: OnnxModel,
  location: string,
): { readonly model: OnnxModel; readonly chunks: readonly Uint8Array[] } {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  const initializer = model.graph.initializer.map((tensor) => {
    if (!tensor.raw_data || tensor.raw_data.length < smallest) return tensor;
    const padding = (alignment - (offset % alignment)) % alignment;
    if (padding) chunks.push(new Uint8Array(padding));
    offset += padding;
    const external = externally(tensor, { location, offset, length: tensor.raw_data.length });
    chunks.push(tensor.raw_data);
    offset += tensor.raw_data.length;
    return external;
  });
  return { model: { ...model, graph: { ...model.graph, initializer } }, chunks };
}
