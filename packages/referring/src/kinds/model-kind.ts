import type { ParameterSpec, ReferringModel, Scope } from '@refclip/nn';
import type { NamedHostTensors } from '@refclip/runtime';
import { RefclipError, type XyxyBox } from '@refclip/structures';
import type { GuidedAnchorOutput, Prior } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import type { TrainerConfig } from '../config/config-schema.js';
import type { ModelConfig, ModelConfigOf } from '../config/model-schemas.js';

/** A model that applications can train, evaluate and rebuild from its options. */
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

/** What applications need to know of a kind of model beside the model itself. */
export interface ModelKind<Model extends AnyModel = AnyModel> {
  /** The model of a configuration. @param words entries of the vocabulary. */
  create(config: TrainerConfig, words: number): Model;
  /** The model of a checkpoint. @param options as the checkpoint holds them. @throws {ConfigError} when they cannot be. */
  restore(options: object): Model;
  /** Tensors that weight files may lack, since the model does not use them or trains them from random values. */
  isOptional(name: string): boolean;
  /** Last layer of `module_list` that Darknet's files hold as well; `null`: the model sees with another network. */
  readonly lastDarknetLayer: number | null;
  /** Tensors in files of what the model sees with that are of other parts, by names without `visual_encoder.`. Default none. */
  readonly isOther?: (name: string) => boolean;
  /** What `pretrain` trains. */
  trunk(config: TrainerConfig): Trunk;
  /** The boxes that the model chooses from, of an encoded image; absent when it has none before it knows the expression. */
  readonly candidates?: (encoded: NamedHostTensors) => readonly Candidate[];
}

/** The options of the configured model. @throws {RefclipError} when it is another one: a kind of model was mixed up. */
export function modelConfigOf<Name extends ModelConfig['name']>(
  config: TrainerConfig,
  name: Name,
): ModelConfigOf<Name> {
  const { model } = config;
  if (!isNamed(model, name)) throw new RefclipError('usage', `internal: the model is ${model.name}; expected ${name}.`);
  return model;
}

function isNamed<Name extends ModelConfig['name']>(model: ModelConfig, name: Name): model is ModelConfigOf<Name> {
  return model.name === name;
}
