import { ShapeError } from '@refclip/structures';
import type * as tf from '@tensorflow/tfjs';

/** @throws {ShapeError} unless images are `[B, S, S, 3]` with S a multiple of 32, the coarsest stride. */
export function assertSquareImages(op: string, images: tf.Tensor4D): void {
  const [batch, side, other, colors] = images.shape;
  if (side % 32 === 0 && side === other && colors === 3) return;
  const expected = [batch, null, null, 3];
  throw new ShapeError({ op, argument: 'images', expected, actual: images.shape }, 'Square, a multiple of 32.');
}
