import { type ImportedWeights, importWeights as importWeightsOf } from '@refclip/referring';
import type { TrainerConfig } from '../config/config-schema.js';
import { loadVocabulary } from '../data/load-vocabulary.js';
import { createModel } from './create-model.js';
import { modelKind } from './model-kinds.js';

/** Where weights come from and go to. */
export interface ImportOptions {
  readonly weights: string;
  /** Safetensors. */
  readonly output: string;
  /** Key of the dict of tensors in a checkpoint. Default: `state_dict`, `model`, or the file itself. */
  readonly key?: string | undefined;
}

/**
 * Imports weights of the configured model; the vocabulary is that of the configured annotations.
 *
 * @throws as `importWeights` of `@refclip/referring`.
 */
export async function importWeights(
  config: TrainerConfig,
  { weights, output, key }: ImportOptions,
): Promise<ImportedWeights> {
  return await importWeightsOf(weights, {
    output,
    key,
    kind: modelKind(config.model.name),
    model: (words) => createModel(config, words),
    vocabulary: () => loadVocabulary(config),
    vocabularyOf: `${config.data.annotations} (data.annotations)`,
    seed: config.seed,
  });
}
