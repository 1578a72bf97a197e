import { openBytes, openStateDict, type StateDict } from '@refclip/formats';
import type { ParameterSpec } from '@refclip/nn';
import { DataFormatError } from '@refclip/structures';
import { openDarknetTrunk } from '@refclip/vision';

/** Weights that are open, and which parameters the file may lack by its kind. */
export interface OpenWeights {
  readonly weights: StateDict;
  readonly isAbsent: (name: string) => boolean;
}

/** What is known of the model that weights are for. */
export interface OpenWeightsOptions {
  /** Gives the parameters of the detector or the model, by which Darknet's numbers are told apart. */
  readonly specs: () => readonly ParameterSpec[];
  /** See `ModelKind`. */
  readonly lastDarknetLayer: number | null;
  /** Of the state dict in a checkpoint, when it is not a usual one. */
  readonly key?: string | undefined;
}

/**
 * Opens a weights file of any form: Darknet's (`*.weights`, `*.conv.74`), of which only the layers that the model shares are taken, or one with names.
 *
 * @throws {FileError}, {DataFormatError}
 */
export async function openWeights(
  file: string,
  { specs, lastDarknetLayer, key }: OpenWeightsOptions,
): Promise<OpenWeights> {
  if (!/\.(weights|conv\.\d+)$/.test(file)) {
    return { weights: await openStateDict(file, key === undefined ? {} : { key }), isAbsent: () => false };
  }
  if (lastDarknetLayer === null)
    throw new DataFormatError(
      { file },
      "Darknet's numbers; the model has no Darknet-53. Give a PyTorch or safetensors file.",
    );
  const source = await openBytes(file);
  try {
    const weights = await openDarknetTrunk(source, specs(), { lastLayer: lastDarknetLayer });
    return { weights, isAbsent: (name) => !weights.tensors.has(name) };
  } catch (error) {
    await source.close();
    throw error;
  }
}
