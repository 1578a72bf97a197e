import { type FormatTensor, openStateDict, type StateDict, toFloat32 } from '@refclip/formats';
import { fromFileLayout, type MatchParametersOptions, matchParameters, type ParameterSpec } from '@refclip/nn';
import { type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';

/** Weights and the text beside them. */
export interface LoadedWeights {
  /** In the memory layout. */
  readonly values: NamedHostTensors;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How names of the file and of the model are matched; see `matchParameters`. */
export type LoadWeightsOptions = Omit<MatchParametersOptions, 'where'>;

/**
 * Reads a weights file into the tensors of a model, all or nothing: safetensors, PyTorch's `.pth` (a state dict or a checkpoint that holds one, `module.`
 * or not), `.npz`. Names and shapes are checked before any value is read, and only the tensors of the model are.
 *
 * BatchNorm's counters (`num_batches_tracked`), which files of old versions lack, are then 0, as PyTorch has it.
 *
 * @param file  a path, or a file that is open already (it stays open).
 * @throws {WeightsError} that lists every missing, unexpected and mismatched name with shapes; {FileError}, {DataFormatError} for the file itself.
 */
export async function loadWeights(
  file: string | StateDict,
  specs: readonly ParameterSpec[],
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const weights = typeof file === 'string' ? await openStateDict(file) : file;
  try {
    const shapes = new Map([...weights.tensors].map(([name, { shape }]) => [name, shape]));
    const matches = matchParameters(specs, shapes, {
      ...options,
      where: weights.file,
      optional: (name) => isCounter(name) || options.optional?.(name) === true,
    });
    const values: Record<string, HostTensor> = {};
    for (const { spec, fileName } of matches) {
      const tensor = await weights.tensors.get(fileName)?.read();
      if (tensor) values[spec.name] = fromFileLayout(spec, decode(tensor, spec.dtype));
    }
    for (const { name, shape } of specs) {
      // Only beside the statistics that it counts.
      const mean = name.replace(/num_batches_tracked$/, 'running_mean');
      if (isCounter(name) && !values[name] && values[mean]) values[name] = hostTensor(new Int32Array(1), shape);
    }
    return { values, metadata: weights.metadata };
  } finally {
    if (typeof file === 'string') await weights.close();
  }
}

const isCounter = (name: string) => /(^|\.)num_batches_tracked$/.test(name);

function decode(tensor: FormatTensor, dtype: 'float32' | 'int32'): HostTensor {
  return dtype === 'int32'
    ? hostTensor(Int32Array.from(tensor.data, Number), tensor.shape)
    : hostTensor(toFloat32(tensor), tensor.shape, 'float32');
}
