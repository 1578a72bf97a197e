import * as tf from '@tensorflow/tfjs';

/** Low enough that its exponential is zero beside any similarity. */
const excluded = -1e9;

/** What the loss is made of. */
export interface AnchorContrastiveLossOptions {
  /** Whether every other image's second-best anchor is a negative too. Default true. */
  readonly negativeAnchorAugmentation?: boolean;
}

/** The loss and how often the right image came first. */
export interface AnchorContrastiveLoss {
  /** Scalar. */
  readonly loss: tf.Scalar;
  /** Scalar in [0, 1]: expressions whose best anchor over all images of the batch lies in their own image. */
  readonly retrieval: tf.Scalar;
}

/**
 * Anchor-based contrastive loss: which image of the batch an expression belongs to, by its best anchor.
 *
 * The logits of expression b are its best similarity to every image and, with negative anchor augmentation, its second-best similarity to every image but
 * its own; cross-entropy with its own image as the target, mean over expressions. Text to image only; similarities are plain dot products.
 *
 * Axes: B images and expressions, K anchors, D embedding.
 *
 * @param anchors  `[B, K, D]`, K ≥ 2 with augmentation.
 * @param texts    `[B, D]`, expression b belongs to image b.
 * @see Jin et al. 2023, RefCLIP, anchor-based contrastive learning and negative anchor augmentation
 */
export function anchorContrastiveLoss(
  anchors: tf.Tensor3D,
  texts: tf.Tensor2D,
  { negativeAnchorAugmentation = true }: AnchorContrastiveLossOptions = {},
): AnchorContrastiveLoss {
  const [batch, count, size] = anchors.shape;
  const flat = tf.reshape(anchors, [batch * count, size]) as tf.Tensor2D;
  const similarities = tf.reshape(tf.matMul(texts, tf.transpose(flat)), [batch, batch, count]); // [texts, images, K]
  const best = tf.max(similarities, 2) as tf.Tensor2D; // [texts, images]
  const own = tf.eye(batch);
  const positive = tf.sum(tf.mul(best, own), 1);
  let logits = best;
  if (negativeAnchorAugmentation) {
    const isBest = tf.oneHot(tf.argMax(similarities, 2) as tf.Tensor2D, count);
    const second = tf.max(tf.where(tf.cast(isBest, 'bool'), tf.scalar(excluded), similarities), 2) as tf.Tensor2D;
    logits = tf.concat(
      [best, tf.where(tf.cast(own, 'bool'), tf.scalar(excluded) as tf.Tensor, second) as tf.Tensor2D],
      1,
    );
  }
  const loss = tf.mean(tf.sub(tf.logSumExp(logits, 1), positive)) as tf.Scalar;
  const found = tf.equal(tf.argMax(best, 1), tf.range(0, batch, 1, 'int32'));
  return { loss, retrieval: tf.mean(tf.cast(found, 'float32')) as tf.Scalar };
}
