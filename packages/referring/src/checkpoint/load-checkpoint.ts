import type { RefClip } from '../model/create-refclip.js';
import { loadWeights } from '../weights/load-weights.js';
import type { Checkpoint, CheckpointKinds, CheckpointModel } from './checkpoint.js';
import { readDescription } from './read-description.js';
import { refClipKind } from './refclip-kind.js';

/**
 * Reads a RefCLIP with its vocabulary and weights from a file of `saveCheckpoint` or of a training.
 *
 * @throws {FileError} when it cannot be read; {DataFormatError} when it is no checkpoint; {ConfigError} when its options are none; {WeightsError} when its
 * tensors do not fit them.
 */
export async function loadCheckpoint(file: string): Promise<Checkpoint<RefClip>>;
/** The same for other kinds of models. @param kinds  those that may be in the file. */
export async function loadCheckpoint<Model extends CheckpointModel>(
  file: string,
  kinds: CheckpointKinds<Model>,
): Promise<Checkpoint<Model>>;
export async function loadCheckpoint(
  file: string,
  kinds: CheckpointKinds<CheckpointModel> = { refclip: refClipKind },
): Promise<Checkpoint<CheckpointModel>> {
  const { kind, ...description } = await readDescription(file, kinds);
  const { values } = await loadWeights(file, description.model.parameters, {
    optional: (name) => kind.isOptional?.(name) === true,
  });
  return { ...description, values };
}
