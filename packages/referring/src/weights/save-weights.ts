import { type FormatTensor, float32ToFloat16, writeSafetensors } from '@refclip/formats';
import { type ParameterSpec, toFileLayout } from '@refclip/nn';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { WeightsError } from '@refclip/structures';

/** How weights are written. */
export interface SaveWeightsOptions {
  /** Text beside the weights: what they are, how they were made. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Floats as fp16, half the size. Default false. */
  readonly halves?: boolean;
}

/**
 * Writes tensors of a model as safetensors, in PyTorch's layouts under the official names, whole or not at all.
 *
 * @param specs   the tensors to write; each must have a value.
 * @param values  in the memory layout.
 * @throws {WeightsError} listing every tensor without a value.
 */
export async function saveWeights(
  file: string,
  specs: readonly ParameterSpec[],
  values: NamedHostTensors,
  { metadata, halves = false }: SaveWeightsOptions = {},
): Promise<void> {
  const missing = specs.filter(({ name }) => !values[name]).map(({ name }) => name);
  if (missing.length) throw new WeightsError(file, { missing });
  const tensors = Object.fromEntries(
    specs.map((spec) => [spec.name, encode(toFileLayout(spec, values[spec.name] as HostTensor), halves)]),
  );
  await writeSafetensors(file, tensors, metadata);
}

function encode({ data, shape, dtype }: HostTensor, halves: boolean): FormatTensor {
  if (dtype === 'int32') return { shape, dtype: 'I32', data };
  const floats = data as Float32Array;
  return halves ? { shape, dtype: 'F16', data: float32ToFloat16(floats) } : { shape, dtype: 'F32', data: floats };
}
