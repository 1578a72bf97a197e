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
export { refClipKind } from './kind/refclip-kind.js';
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
