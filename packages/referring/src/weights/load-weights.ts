import { openStateDict, type StateDict } from '@refclip/formats';
import type { ParameterSpec } from '@refclip/nn';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { type LoadWeightsOptions, matchWeights } from './match-weights.js';

/** Weights and the text beside them. */
export interface LoadedWeights {
  /** In the memory layout. */
  readonly values: NamedHostTensors;
  readonly metadata: Readonly<Record<string, string>>;
}

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
    const values: Record<string, HostTensor> = {};
    for (const { spec, read } of matchWeights(weights, specs, options)) values[spec.name] = await read();
    return { values, metadata: weights.metadata };
  } finally {
    if (typeof file === 'string') await weights.close();
  }
}
