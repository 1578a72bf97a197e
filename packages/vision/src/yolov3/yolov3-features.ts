import { convBnLeaky, type Scope, upsampleNearest2x } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { assertSquareImages } from '../backbones/assert-square-images.js';
import { darknet53, darknetResidual } from '../backbones/darknet53.js';
import { scaleChannels } from '../backbones/scale-channels.js';
import { poolPyramid } from '../backbones/spatial-pyramid.js';
import type { ResolvedDetectorOptions, Stride } from './detector-options.js';

/** Feature maps by the side that they have for 416 pixels; c = 1024, 512, 256 channels at width 1. */
export interface Yolov3Features {
  /** `[B, S/32, S/32, 1024·width]` */
  readonly feature13: tf.Tensor4D;
  /** `[B, S/16, S/16, 512·width]` */
  readonly feature26: tf.Tensor4D;
  /** `[B, S/8, S/8, 256·width]` */
  readonly feature52: tf.Tensor4D;
}

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
  assertSquareImages('yolov3Features', images);
  const layers = scope.child('module_list');
  const unit = (index: number, x: tf.Tensor4D, channels: number, kernelSize: number) =>
    convBnLeaky(layers.child(index), x, { filters: scaleChannels(channels, width), kernelSize });
  const single = (index: number, x: tf.Tensor4D, channels: number) =>
    darknetResidual(layers.child(index), x, { half: scaleChannels(channels / 2, width), blocks: 1, shortcut: false });

  const { map8, map16, map32 } = darknet53(layers, images, { width, depth });
  let x = single(11, map32, 1024);
  x = unit(14, poolPyramid(unit(12, x, 512, 1)), 512, 1);
  const neck13 = unit(17, unit(15, x, 1024, 3), 512, 1);
  const feature13 = unit(18, neck13, 1024, 3);
  if (finest === 32) return { feature13 };

  x = upsampleNearest2x(unit(20, neck13, 256, 1));
  x = unit(22, tf.concat([x, map16], 3), 256, 1);
  const neck26 = unit(26, single(25, unit(23, x, 512, 3), 512), 256, 1);
  const feature26 = unit(27, neck26, 512, 3);
  if (finest === 16) return { feature13, feature26 };

  x = upsampleNearest2x(unit(29, neck26, 128, 1));
  x = unit(31, tf.concat([x, map8], 3), 128, 1);
  x = unit(35, single(34, unit(32, x, 256, 3), 256), 128, 1);
  return { feature13, feature26, feature52: unit(36, x, 256, 3) };
}
