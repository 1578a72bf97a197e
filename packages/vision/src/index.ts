// backbones and necks
export { assertSquareImages } from './backbones/assert-square-images.js';
export { type CspBottlenecksOptions, cspBottlenecks } from './backbones/csp-bottlenecks.js';
export {
  type CspDarknetOptions,
  type CspDarknetStem,
  cspDarknetStem,
  cspDarknetTop,
} from './backbones/csp-darknet.js';
export {
  type Darknet53Maps,
  type Darknet53Options,
  type DarknetResidualOptions,
  darknet53,
  darknetResidual,
} from './backbones/darknet53.js';
export {
  isTrunkParameter,
  type OpenDarknetTrunkOptions,
  openDarknetTrunk,
} from './backbones/open-darknet-trunk.js';
export { scaleChannels } from './backbones/scale-channels.js';
export { scaleImages } from './backbones/scale-images.js';
export { poolPyramid, spatialPyramidFast } from './backbones/spatial-pyramid.js';
export {
  declareUnusedProjections,
  type MultiScaleFusionOptions,
  multiScaleFusion,
} from './necks/multi-scale-fusion.js';
export { upsampledConv3x3 } from './necks/upsampled-conv3x3.js';
export { createGpuJsSampler, type GpuJsMode, type GpuJsSampler } from './ops/create-gpu-js-sampler.js';
export { type DeformConv2dOptions, deformConv2d } from './ops/deform-conv2d.js';
export type { DeformConv2dAttributes } from './ops/deform-conv2d-geometry.js';
export { deformConv2dLowering } from './ops/deform-conv2d-lowering.js';
export type { DeformConv2dSampler, SamplingSizes } from './ops/deform-conv2d-sampler.js';
export { DEFORM_CONV2D, registerDeformConv2d } from './ops/register-deform-conv2d.js';
export { sampleInLoops } from './ops/sample-in-loops.js';
// pre-training with boxes
export { type DetectionLoss, detectionLoss } from './pretraining/detection-loss.js';
export {
  type DetectionObject,
  type DetectionTargetOptions,
  detectionTargets,
  targetFields,
} from './pretraining/detection-targets.js';
export {
  type PretrainingShape,
  pretrainingBatch,
  pretrainingHead,
  pretrainingLoss,
} from './pretraining/pretraining-loss.js';
export { cellOrigins } from './yolov3/cell-origins.js';
export { createDetector, type Detector } from './yolov3/create-detector.js';
export { type DecodeBoxesOptions, decodeBoxes } from './yolov3/decode-boxes.js';
export { type Detections, detect } from './yolov3/detect.js';
export {
  COCO_PRIORS,
  type DetectorOptions,
  type Prior,
  type ResolvedDetectorOptions,
  resolveDetectorOptions,
  STRIDES,
  type Stride,
} from './yolov3/detector-options.js';
export { type GuidedAnchorOptions, type GuidedAnchorOutput, guidedAnchorHead } from './yolov3/guided-anchor-head.js';
export { IMAGE_DEVIATION, IMAGE_MEAN, normalizeImages } from './yolov3/normalize-images.js';
export { type Yolov3Features, yolov3Features } from './yolov3/yolov3-features.js';
