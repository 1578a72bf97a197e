import type { TrainerConfig } from '../config/config-schema.js';
import { type KnownModel, modelKind } from './model-kinds.js';
import { modelOptions } from './model-options.js';

/** The model of a configuration. @param words entries of the vocabulary. */
export function createModel(config: TrainerConfig, words: number): KnownModel {
  return modelKind(config.model.name).restore(modelOptions(config, words), words);
}
