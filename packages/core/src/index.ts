// model

// detector outputs
export {
  type CachedBatch,
  type CachedImage,
  DetectorCache,
  type DetectorCacheOptions,
} from './cache/detector-cache.js';
// checkpoints
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
export { loadCheckpoint } from './checkpoint/load-checkpoint.js';
export { descriptionKeys } from './checkpoint/read-description.js';
export { saveCheckpoint } from './checkpoint/save-checkpoint.js';
// answers
export {
  createGrounder,
  type DetectorOutputs,
  type Grounder,
  type GrounderOptions,
} from './grounding/create-grounder.js';
export {
  type AnchorBox,
  type AnchorMatch,
  anchorSimilarities,
  bestBoxOfAnchor,
  type EmbeddedImage,
  embeddedImage,
  selectBestAnchor,
} from './grounding/select-best-anchor.js';
export {
  type AnchorContrastiveLoss,
  type AnchorContrastiveLossOptions,
  anchorContrastiveLoss,
} from './matching/anchor-contrastive-loss.js';
export { locateAnchors } from './matching/locate-anchors.js';
export { createRefClip, isUnusedHead, type RefClip } from './model/create-refclip.js';
export {
  type DetectorMode,
  type RefClipOptions,
  type ResolvedRefClipOptions,
  resolveRefClipOptions,
} from './model/refclip-options.js';
export { pickRows, selectAnchors } from './selection/select-anchors.js';
// weights
export { type DeferredWeights, type DeferWeightsOptions, deferWeights } from './weights/defer-weights.js';
export { type LoadedWeights, loadWeights } from './weights/load-weights.js';
export type { LoadWeightsOptions } from './weights/match-weights.js';
export { type SaveWeightsOptions, saveWeights } from './weights/save-weights.js';
