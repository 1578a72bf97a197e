export {
  type CachedBatch,
  type CachedImage,
  FrozenOutputCache,
  type FrozenOutputCacheOptions,
} from './cache/frozen-output-cache.js';
export type {
  Checkpoint,
  CheckpointDescription,
  CheckpointKind,
  CheckpointKinds,
  CheckpointModel,
} from './checkpoint/checkpoint.js';
export {
  type DeferCheckpointOptions,
  type DeferredCheckpoint,
  deferCheckpoint,
} from './checkpoint/defer-checkpoint.js';
export { exportTorch } from './checkpoint/export-torch.js';
export { type ImportedWeights, type ImportWeightsOptions, importWeights } from './checkpoint/import-weights.js';
export { loadCheckpoint } from './checkpoint/load-checkpoint.js';
export { saveCheckpoint } from './checkpoint/save-checkpoint.js';
export type { AnyModel, Candidate, ModelKind, Trunk, TrunkOptions } from './kinds/model-kind.js';
export { createLocator, type LocatedBox, type Locator, type LocatorOptions } from './locator/create-locator.js';
export { stackTensors, unstackTensors } from './locator/stack-tensors.js';
export { fromImages } from './model/from-images.js';
export type { LocatedBoxes, ReferringModel, TrainLossOptions } from './model/referring-model.js';
export { type DeferredWeights, type DeferWeightsOptions, deferWeights } from './weights/defer-weights.js';
export { type InitialValuesOptions, initialValues } from './weights/initial-values.js';
export { loadVisualEncoder, type VisualKind, visualEncoderSpecs } from './weights/load-visual-encoder.js';
export { type LoadedWeights, loadWeights } from './weights/load-weights.js';
export type { LoadWeightsOptions } from './weights/match-weights.js';
export { type SaveWeightsOptions, saveWeights } from './weights/save-weights.js';
