import { convBnLeaky, type Scope, upsampleNearest2x } from '@refclip/nn';
import { ShapeError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { type ResolvedDetectorOptions, type Stride, scaleChannels } from './detector-options.js';

/** Feature maps by the side that they have for 416 pixels; c = 1024, 512, 256 channels at width 1. */
export interface Yolov3Features {
  /** `[B, S/32, S/32, 1024·width]` */
  readonly feature13: tf.Tensor4D;
  /** `[B, S/16, S/16, 512·width]` */
  readonly feature26: tf.Tensor4D;
  /** `[B, S/8, S/8, 256·width]` */
  readonly feature52: tf.Tensor4D;
}

/** Residual blocks of the stages of Darknet-53, and the index of the first layer of each. */
const STAGES = [
  { index: 1, channels: 64, blocks: 1 },
  { index: 3, channels: 128, blocks: 2 },
  { index: 5, channels: 256, blocks: 8 },
  { index: 7, channels: 512, blocks: 8 },
  { index: 9, channels: 1024, blocks: 4 },
] as const;

/**
 * The trunk (Darknet-53), spatial pyramid pooling and neck of YOLOv3.
 *
 * BatchNorm runs on the scope's statistics: give `scope.frozen()` for the detector as the paper uses it. Parameters are
 * named as in the official checkpoints, `module_list.0.conv.weight` and so on.
 *
 * @param images  `[B, S, S, 3]`, normalized (`normalizeImages`); S a multiple of 32.
 * @param finest  the finest scale that is computed; coarser ones do not depend on finer ones. Default 8: all three.
 * @throws {ShapeError} when S is not a multiple of 32.
 * @see Redmon and Farhadi 2018, YOLOv3; He et al. 2014, Spatial pyramid pooling
 */
export function yolov3Features(scope: Scope, images: tf.Tensor4D, options: ResolvedDetectorOptions): Yolov3Features;
export function yolov3Features(
  scope: Scope,
  images: tf.Tensor4D,
  options: ResolvedDetectorOptions,
  finest: Stride,
): Pick<Yolov3Features, 'feature13'> & Partial<Yolov3Features>;
export function yolov3Features(
  scope: Scope,
  images: tf.Tensor4D,
  { width, depth }: ResolvedDetectorOptions,
  finest: Stride = 8,
): Pick<Yolov3Features, 'feature13'> & Partial<Yolov3Features> {
  const [batch, side, other, colors] = images.shape;
  if (side % 32 !== 0 || side !== other || colors !== 3) {
    const expected = [batch, null, null, 3];
    throw new ShapeError(
      { op: 'yolov3Features', argument: 'images', expected, actual: images.shape },
      'Square, a multiple of 32.',
    );
  }
  const layers = scope.child('module_list');
  const unit = (index: number, x: tf.Tensor4D, channels: number, kernelSize: number, stride = 1) =>
    convBnLeaky(layers.child(index), x, { filters: scaleChannels(channels, width), kernelSize, stride });
  const residual = (index: number, x: tf.Tensor4D, channels: number, blocks: number, shortcut: boolean) =>
    residualBlocks(layers.child(index), x, { half: scaleChannels(channels / 2, width), blocks, shortcut });

  let x = unit(0, images, 32, 3);
  const routes: tf.Tensor4D[] = [];
  for (const { index, channels, blocks } of STAGES) {
    x = unit(index, x, channels, 3, 2);
    x = residual(index + 1, x, channels, Math.max(1, Math.round(blocks * depth)), true);
    routes.push(x);
  }
  x = residual(11, x, 1024, 1, false);
  x = unit(14, spatialPyramid(unit(12, x, 512, 1)), 512, 1);
  const neck13 = unit(17, unit(15, x, 1024, 3), 512, 1);
  const feature13 = unit(18, neck13, 1024, 3);
  if (finest === 32) return { feature13 };

  x = upsampleNearest2x(unit(20, neck13, 256, 1));
  x = unit(22, tf.concat([x, routes[3] as tf.Tensor4D], 3), 256, 1);
  const neck26 = unit(26, residual(25, unit(23, x, 512, 3), 512, 1, false), 256, 1);
  const feature26 = unit(27, neck26, 512, 3);
  if (finest === 16) return { feature13, feature26 };

  x = upsampleNearest2x(unit(29, neck26, 128, 1));
  x = unit(31, tf.concat([x, routes[2] as tf.Tensor4D], 3), 128, 1);
  x = unit(35, residual(34, unit(32, x, 256, 3), 256, 1, false), 128, 1);
  return { feature13, feature26, feature52: unit(36, x, 256, 3) };
}

/** Blocks of 1×1 to half the channels and 3×3 back, added to their input (`shortcut`) or in place of it. */
function residualBlocks(
  scope: Scope,
  input: tf.Tensor4D,
  { half, blocks, shortcut }: { readonly half: number; readonly blocks: number; readonly shortcut: boolean },
): tf.Tensor4D {
  let x = input;
  for (let block = 0; block < blocks; block++) {
    const layers = scope.child('module_list').child(block);
    const narrow = convBnLeaky(layers.child(0), x, { filters: half, kernelSize: 1 });
    const y = convBnLeaky(layers.child(1), narrow, { filters: x.shape[3], kernelSize: 3 });
    x = shortcut ? tf.add(x, y) : y;
  }
  return x;
}

/** `[B, H, W, C]` → `[B, H, W, 4C]`: the map and its maxima over 5×5, 9×9 and 13×13 pixels. */
function spatialPyramid(x: tf.Tensor4D): tf.Tensor4D {
  // A maximum over 9×9 is one over 5×5 of maxima over 5×5; likewise 13.
  const pool = (map: tf.Tensor4D) => tf.maxPool(map, 5, 1, 'same');
  const over5 = pool(x);
  const over9 = pool(over5);
  return tf.concat([x, over5, over9, pool(over9)], 3);
}
