import { UsageError } from '@refclip/structures';
import { saveWeights } from '../weights/save-weights.js';
import type { Checkpoint, CheckpointModel } from './checkpoint.js';
import { checkpointFormat, descriptionKeys } from './read-description.js';

/**
 * Writes a model with its options and vocabulary as one safetensors file, whole or not at all; `loadCheckpoint` and the commands read it.
 *
 * @throws {WeightsError} listing every tensor without a value; {UsageError} for a note with a name that the format uses; {FileError}.
 */
export async function saveCheckpoint(
  file: string,
  { model, values, vocabulary, notes }: Checkpoint<CheckpointModel>,
): Promise<void> {
  const taken = Object.keys(notes).filter((name) => descriptionKeys.includes(name));
  if (taken.length) {
    throw new UsageError(
      `saveCheckpoint ${file}: notes ${taken.join(', ')}: the format itself uses these names. Rename them.`,
    );
  }
  const metadata = {
    ...notes,
    format: checkpointFormat,
    model: model.name,
    options: JSON.stringify(model.options),
    vocabulary: JSON.stringify(vocabulary.words),
  };
  await saveWeights(file, model.parameters, values, { metadata });
}
