import type { LossResult, ParameterSpec, Scope } from '@refclip/nn';
import type { NamedTensors, TensorSpec } from '@refclip/runtime';
import type * as tf from '@tensorflow/tfjs';

/** One box per expression. */
export interface LocatedBoxes {
  /** `[N, 4]`: x1, y1, x2, y2 in pixels of the network's input; not clipped. */
  readonly boxes: tf.Tensor2D;
  /** `[N]`, higher is surer; comparable within one model. */
  readonly scores: tf.Tensor1D;
  /** `[N]`, the model's own estimate in [0, 1] that the box is right. Default `scores`. */
  readonly confidences?: tf.Tensor1D;
}

/** How a loss is computed, beside its inputs. */
export interface TrainLossOptions {
  /** Side in pixels that images are resized to first; one of `trainingSides`. Default `inputSize`. */
  readonly side?: number;
}

/**
 * A model that finds what an expression means: layers without weights, as a trainer needs them. Every layer takes a scope at the model's root.
 *
 * Three stages, so that each runs as seldom as it can: `frozenOutputs` once per image and set of weights (cacheable), `encodeImages` once per image,
 * `locate` per expression.
 *
 * Axes: B images, S side of the input, T tokens, N expressions.
 */
export interface ReferringModel {
  /** `refclip`, `simrec`, `realgin`, … */
  readonly name: string;
  /** S, in pixels. */
  readonly inputSize: number;
  /** T. */
  readonly maxTokens: number;
  /** What training needs to know of an expression beside its image: nothing, or the box it means. */
  readonly supervision: 'none' | 'box';
  /** Sides that training draws from, one per step; `[inputSize]` without multi-scale training. */
  readonly trainingSides: readonly number[];
  /** Every tensor by its official name, unused ones included: what weight files hold. */
  readonly parameters: readonly ParameterSpec[];
  /** Whether training changes a parameter. */
  isTrainable(name: string): boolean;
  /** Shapes of what the model reads of images: `images`, uint8 `[B, S, S, 3]`, or by name what `frozenOutputs` makes of them. */
  imageInputs(batch: number): Readonly<Record<string, TensorSpec>>;
  /**
   * The part whose output is a constant of the image; absent when training starts from images.
   *
   * @param images  `[B, S, S, 3]`, RGB in 0 … 255, letterboxed.
   */
  readonly frozenOutputs?: (scope: Scope, images: tf.Tensor4D) => NamedTensors;
  /** What decides about `frozenOutputs` beside the weights and the input size, e.g. priors; part of a cache's key. Default nothing. */
  readonly frozenKey?: string;
  /**
   * The loss of a batch, for `createTrainStep`, with its parts as metrics.
   *
   * @param batch  image inputs; `tokens` int32 `[B, T]`; with supervision `targets` float32 `[B, 4]` (cx, cy, w, h as fractions of the input, zeros for
   *   no box), and `weights` float32 `[B]`, optional: a factor on each expression's part of the loss.
   */
  trainLoss(scope: Scope, batch: NamedTensors, options?: TrainLossOptions): LossResult;
  /**
   * What can be computed of images before the expression is known.
   *
   * @param inputs  image inputs.
   * @returns tensors whose first axis is B.
   */
  encodeImages(scope: Scope, inputs: NamedTensors): NamedTensors;
  /**
   * The box that each expression means in its image.
   *
   * @param encoded  of `encodeImages`, one row per expression: an image's row is repeated for each of its expressions.
   * @param tokens  int32 `[N, T]`, 0 where there is no word.
   */
  locate(scope: Scope, encoded: NamedTensors, tokens: tf.Tensor2D): LocatedBoxes;
}
