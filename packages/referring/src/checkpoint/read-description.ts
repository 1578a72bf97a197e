import { openStateDict } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';
import type { CheckpointDescription, CheckpointKind, CheckpointKinds, CheckpointModel } from './checkpoint.js';

/** Value of `format` in a checkpoint's metadata. */
export const checkpointFormat = 'refclip-checkpoint-1';

/** Names of a checkpoint's metadata that the format itself uses; every other is a note. */
export const descriptionKeys: readonly string[] = ['format', 'model', 'options', 'vocabulary'];

/** What a checkpoint is of, and the kind that it was created by. @throws {FileError}, {DataFormatError}, {ConfigError}: see `loadCheckpoint`. */
export async function readDescription<Model extends CheckpointModel>(
  file: string,
  kinds: CheckpointKinds<Model>,
): Promise<CheckpointDescription<Model> & { readonly kind: CheckpointKind<Model> }> {
  const weights = await openStateDict(file);
  await weights.close();
  // Files of the first versions, which held one kind of model, do not name it.
  const { format, model: name = 'refclip', options, vocabulary, ...notes } = weights.metadata;
  if (format !== checkpointFormat || !options || !vocabulary) {
    throw new DataFormatError(
      { file },
      'these are weights without a description of their model (options, vocabulary): expected a checkpoint, as trainings and saveCheckpoint of ' +
        '@refclip/referring write it. Make one of them with `trainer import-weights`, or read them into a model of yours with loadWeights.',
    );
  }
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) {
    throw new DataFormatError({ file, field: 'model' }, `it is a ${name}; expected ${Object.keys(kinds).join(', ')}.`);
  }
  const words = Vocabulary.fromWords(jsonOf(vocabulary, file, 'vocabulary') as string[], file);
  const described = jsonOf(options, file, 'options');
  if ('words' in described && described.words !== words.size) {
    throw new DataFormatError(
      { file, field: 'options' },
      `words: ${String(described.words)}, but the vocabulary has ${words.size} entries. The file is damaged or was put together by hand.`,
    );
  }
  return { model: kind.restore(described, words.size), vocabulary: words, notes, kind };
}

function jsonOf(text: string, file: string, field: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The same error as for other JSON.
  }
  throw new DataFormatError({ file, field }, 'not the JSON of a checkpoint. The file is damaged or foreign.');
}
