export {
  createProgress,
  createQuietProgress,
  formatBytes as showBytes,
  formatDuration,
  formatTable,
  freeBytes,
  InterruptedError,
  interruptedWith,
  interruptionSignal,
  type Progress,
  type ProgressOptions,
  printJson,
  type RemoveLeftoversOptions,
  removeLeftovers,
  runProgram,
  userDirectory,
  userPath,
  writeWholeFile as writeAtomically,
} from '@refclip/furniture';
export {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  engineOf,
} from './command-line/config-flags.js';
export { configSchema, pathEntries, type TrainerConfig, usualSplits } from './config/config-schema.js';
export { checkConfig, loadConfig } from './config/load-config.js';
export type { ModelConfig } from './config/model-schemas.js';
export { fileKey } from './data/file-key.js';
export {
  type Dataset,
  type EvaluationItem,
  loadDataset,
  type TrainingRecord,
} from './data/load-dataset.js';
export { loadTrainingDataset, type TrainingDataset } from './data/load-training-dataset.js';
export { loadVocabulary } from './data/load-vocabulary.js';
export { prepareData } from './data/prepare-data.js';
export { detectorBatch } from './detector/detector-batch.js';
export { type FillCacheOptions, type FilledCache, fillCache, withoutImages } from './detector/fill-cache.js';
export { cachedImages } from './images/cached-images.js';
export { type DecodedImagesOptions, decodedImages } from './images/decoded-images.js';
export type { ImageBatch, ImageRef, ImageSource, ModelImage } from './images/image-source.js';
export { type OpenedImages, type OpenImagesOptions, openImages } from './images/open-images.js';
export { toImageBatch } from './images/to-image-batch.js';
export {
  type Checkpoint,
  type DeferredCheckpoint,
  deferCheckpoint,
  loadCheckpoint,
} from './model/checkpoint.js';
export { createModel } from './model/create-model.js';
export { type ImportOptions, importWeights } from './model/import-weights.js';
export { initialValues } from './model/initial-values.js';
export { isKnown, type KnownModel, modelKind, modelKinds } from './model/model-kinds.js';
export { modelOptions } from './model/model-options.js';
export { pnpmCommand } from './terminal/pnpm-command.js';
