import type { ParameterSpec, Scope } from '@refclip/nn';
import type { NamedHostTensors } from '@refclip/runtime';
import type { XyxyBox } from '@refclip/structures';
import type { GuidedAnchorOutput, Prior } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import type { CheckpointKind } from '../checkpoint/checkpoint.js';
import type { ReferringModel } from '../model/referring-model.js';

/** A model that can be rebuilt from its options. */
export interface AnyModel extends ReferringModel {
  /** As JSON beside the weights of a checkpoint. */
  readonly options: { readonly inputSize: number; readonly width: number };
}

/** A box that a model chooses from. */
export interface Candidate {
  /** Network-input pixels. */
  readonly box: XyxyBox;
  /** In [0, 1]. */
  readonly objectness: number;
}

/** What a model sees with, as pre-training on object boxes needs it. */
export interface Trunk {
  /** What the weights are of, for the file. */
  readonly description: string;
  readonly inputSize: number;
  /** Width and height of the boxes that a cell starts from, network-input pixels. */
  readonly priors: readonly Prior[];
  /** What is written: names as in weight files of the trunk. */
  isKept(name: string): boolean;
  /** All tensors that `run` uses. @param classes object categories. */
  parameters(classes: number): readonly ParameterSpec[];
  /**
   * Predictions of stride 32.
   *
   * @param scope   at the root of the trunk's names.
   * @param images  `[B, S, S, 3]`, RGB in 0 … 255, letterboxed.
   */
  run(scope: Scope, images: tf.Tensor4D, classes: number): GuidedAnchorOutput;
}

/** How a trunk is pre-trained. */
export interface TrunkOptions {
  /** Width and height of the boxes that a cell starts from, network-input pixels, for a model without priors of its own. Default COCO's of stride 32. */
  readonly priors?: readonly Prior[] | undefined;
}

/** What must be known of a kind of model, beside the model itself, to rebuild, train and evaluate it. */
export interface ModelKind<Model extends AnyModel = AnyModel> extends CheckpointKind<Model> {
  /** Tensors that weight files may lack, since the model does not use them or trains them from random values. */
  isOptional(name: string): boolean;
  /** Last layer of `module_list` that Darknet's files hold as well; `null`: the model sees with another network. */
  readonly lastDarknetLayer: number | null;
  /** Tensors in files of what the model sees with that are of other parts, by names without `visual_encoder.`. Default none. */
  readonly isOther?: (name: string) => boolean;
  /** What pre-training on object boxes trains. */
  trunk(model: Model, options?: TrunkOptions): Trunk;
  /** The boxes that the model chooses from, of an encoded image; absent when it has none before it knows the expression. */
  readonly candidates?: (encoded: NamedHostTensors) => readonly Candidate[];
}
