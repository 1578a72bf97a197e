// supervision

// blocks
export {
  declareUnusedAttentionMap,
  type GaranAttention,
  type GaranOptions,
  garanAttention,
} from './attention/garan-attention.js';
export { type Overlap, overlapOf } from './boxes/overlap-of.js';
export { pickBestBoxes } from './boxes/pick-best-boxes.js';
export {
  type FeatureBranches,
  type FeatureBranchesOptions,
  featureBranches,
  type SelectedFeatures,
  selectFeatures,
} from './fusion/adaptive-feature-selection.js';
export {
  type MultiplicativeFusionOptions,
  multiplicativeFusion,
  projectMap,
} from './fusion/multiplicative-fusion.js';
export { realGinKind } from './kinds/realgin-kind.js';
export { simRecKind } from './kinds/simrec-kind.js';
export { type StudentTrunkOptions, studentTrunk } from './kinds/student-trunk.js';
// models
export { createRealGin, type RealGin } from './realgin/create-realgin.js';
export { REALGIN_STRIDE, type RealGinOutput, realGinTrunk } from './realgin/realgin-forward.js';
export { type RealGinOptions, type ResolvedRealGinOptions, resolveRealGinOptions } from './realgin/realgin-options.js';
export { createSimRec, type SimRec } from './simrec/create-simrec.js';
export { nearestSources, resizeNearest } from './simrec/resize-nearest.js';
export { type ScaleMaps, SIMREC_STRIDE, type SimRecOutput } from './simrec/simrec-forward.js';
export { type ResolvedSimRecOptions, resolveSimRecOptions, type SimRecOptions } from './simrec/simrec-options.js';
export { type SingleBoxLoss, type SingleBoxLossOptions, singleBoxLoss } from './single-box/single-box-loss.js';
// heads
export {
  type Anchor,
  decodeSingleBoxes,
  REALGIN_ANCHORS,
  type SingleBoxOptions,
  type SingleBoxOutput,
} from './single-box/single-box-output.js';
export { type SingleBoxTargets, singleBoxTargets } from './single-box/single-box-targets.js';
export { type BoxLabel, encodeBoxTargets } from './supervision/encode-box-targets.js';
export { type Assignment, type AssignPositivesOptions, assignPositives } from './yolox/assign-positives.js';
export { decodeYoloxBoxes } from './yolox/decode-yolox-boxes.js';
export { type YoloxOutput, yoloxHead } from './yolox/yolox-head.js';
export { type YoloxLoss, type YoloxLossInputs, type YoloxLossOptions, yoloxLoss } from './yolox/yolox-loss.js';
