import { binaryCrossEntropy, stopGradient } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import type { GuidedAnchorOutput } from '../yolov3/guided-anchor-head.js';
import { targetFields } from './detection-targets.js';

/** The loss of a head and its parts, scalars, per image. */
export interface DetectionLoss {
  readonly loss: tf.Scalar;
  readonly parts: Readonly<Record<'center' | 'size' | 'guide' | 'objectness' | 'category', tf.Scalar>>;
}

/**
 * YOLOv3's loss for a guided-anchor head: binary cross-entropy of centres, objectness and categories, squared error of the logarithms of sizes, and of the guessed
 * priors. The size branch learns what the guessed prior leaves over, without a gradient into the guess.
 *
 * @param targets  `[B, cells, A, 7 + C]` of `detectionTargets`.
 * @see Redmon and Farhadi 2018, YOLOv3, section 2; Wang et al. 2019, Region Proposal by Guided Anchoring, section 3.5
 */
export function detectionLoss({ guide, raw }: GuidedAnchorOutput, targets: tf.Tensor4D): DetectionLoss {
  const [batch, cells, boxes, fields] = targets.shape;
  const classes = fields - targetFields;
  const [center, size, objectness, category] = tf.split(
    tf.reshape(raw, [batch, cells, boxes, 5 + classes]),
    [2, 2, 1, classes],
    3,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const [place, logSize, positive, counted, weight, oneHot] = tf.split(targets, [2, 2, 1, 1, 1, classes], 3) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const guessed = tf.reshape(guide, [batch, cells, boxes, 2]);
  const perImage = (values: tf.Tensor) => tf.div(tf.sum(values), batch) as tf.Scalar;
  const parts = {
    center: perImage(tf.mul(weight, binaryCrossEntropy(center, place))),
    size: perImage(tf.mul(weight, tf.square(tf.sub(size, tf.sub(logSize, stopGradient(guessed)))))),
    guide: perImage(tf.mul(positive, tf.square(tf.sub(guessed, logSize)))),
    objectness: perImage(tf.mul(counted, binaryCrossEntropy(objectness, positive))),
    category: perImage(tf.mul(positive, binaryCrossEntropy(category, oneHot))),
  };
  return { loss: tf.addN(Object.values(parts)) as tf.Scalar, parts };
}
