import { loadWeights } from '../weights/load-weights.js';
import type { Checkpoint, CheckpointKinds, CheckpointModel } from './checkpoint.js';
import { readDescription } from './read-description.js';

/**
 * Reads a whole model with its vocabulary and weights from a file of `saveCheckpoint` or of a training.
 *
 * @param kinds  those that may be in the file, by name.
 * @throws {FileError} when it cannot be read; {DataFormatError} when it is no checkpoint, or of another kind; {ConfigError} when its options are none;
 * {WeightsError} when its tensors do not fit them.
 */
export async function loadCheckpoint<Model extends CheckpointModel>(
  file: string,
  kinds: CheckpointKinds<Model>,
): Promise<Checkpoint<Model>> {
  const { kind, ...description } = await readDescription(file, kinds);
  const { values } = await loadWeights(file, description.model.parameters, {
    optional: (name) => kind.isOptional?.(name) === true,
  });
  return { ...description, values };
}
