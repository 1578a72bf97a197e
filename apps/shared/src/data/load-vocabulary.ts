import { readAnnotations } from '@refclip/data';
import { Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';
import { prepareData } from './prepare-data.js';

/**
 * The vocabulary of the configured annotations, of all splits in file order; images are not needed.
 *
 * @throws {FileError}, {DataFormatError} for the annotations.
 */
export async function loadVocabulary(config: TrainerConfig): Promise<Vocabulary> {
  await prepareData(config);
  const { splits } = await readAnnotations(config.data.annotations);
  return Vocabulary.fromExpressions([...splits.values()].flat().flatMap(({ expressions }) => expressions));
}
