import { openBytes, openStateDict, type StateDict } from '@refclip/formats';
import type { ParameterSpec } from '@refclip/nn';
import { isTrunkParameter, openDarknetTrunk } from '@refclip/vision';

/** Weights that are open, and which parameters the file may lack by its kind. */
export interface OpenWeights {
  readonly weights: StateDict;
  readonly isAbsent: (name: string) => boolean;
}

/**
 * Opens a weights file of any form: Darknet's (`*.weights`, `*.conv.74`), of which only the Darknet-53 trunk is taken, or one with names.
 *
 * @param specs  gives the parameters of the detector or the model, by which Darknet's numbers are told apart.
 * @param key    of the state dict in a checkpoint, when it is not a usual one.
 * @throws {FileError}, {DataFormatError}
 */
export async function openWeights(
  file: string,
  specs: () => readonly ParameterSpec[],
  key?: string,
): Promise<OpenWeights> {
  if (!/\.(weights|conv\.\d+)$/.test(file)) {
    return { weights: await openStateDict(file, key === undefined ? {} : { key }), isAbsent: () => false };
  }
  const source = await openBytes(file);
  try {
    return { weights: await openDarknetTrunk(source, specs()), isAbsent: (name) => !isTrunkParameter(name) };
  } catch (error) {
    await source.close();
    throw error;
  }
}
