// model

// weights
export { type LoadedWeights, loadWeights, type SaveWeightsOptions, saveWeights } from './weights/weights-file.js';
// parts
export {
  declareUnusedProjections,
  type MultiScaleFusionOptions,
  multiScaleFusion,
} from './fusion/multi-scale-fusion.js';
export { upsampledConv3x3 } from './fusion/upsampled-conv3x3.js';
export {
  type AnchorContrastiveLoss,
  type AnchorContrastiveLossOptions,
  anchorContrastiveLoss,
} from './matching/anchor-contrastive-loss.js';
export { createRefClip, type DetectorMode, type RefClip } from './model/create-refclip.js';
export { type RefClipOptions, type ResolvedRefClipOptions, resolveRefClipOptions } from './model/refclip-options.js';
export { pickRows, selectAnchors } from './selection/select-anchors.js';
