import {
  bestBoxOfAnchor,
  createRefClip,
  embeddedImage,
  isUnusedHead,
  type RefClip,
  type RefClipOptions,
} from '@refclip/core';
import type { NamedHostTensors } from '@refclip/runtime';
import type { XyxyBox } from '@refclip/structures';
import type { TrainerConfig } from '../config/config-schema.js';
import { modelOptions } from './model-options.js';

/** A model that applications can build, train and rebuild from its options. */
export type AnyModel = RefClip;

/** A box that a model chooses from. */
export interface Candidate {
  /** Network-input pixels. */
  readonly box: XyxyBox;
  /** In [0, 1]. */
  readonly objectness: number;
}

/** What applications need to know of a kind of model beside the model itself. */
export interface ModelKind {
  /** The model of a configuration. @param words entries of the vocabulary. */
  create(config: TrainerConfig, words: number): AnyModel;
  /** The model of a checkpoint. @param options as the checkpoint holds them. @throws {ConfigError} when they cannot be. */
  restore(options: object): AnyModel;
  /** Tensors that weight files may lack, since the model does not use them. */
  isOptional(name: string): boolean;
  /** The boxes that the model chooses from, of an encoded image; absent when it has none before it knows the expression. */
  readonly candidates?: (encoded: NamedHostTensors) => readonly Candidate[];
}

/** Every kind of model by its name in configurations and checkpoints. */
export const modelKinds = {
  refclip: {
    create: (config, words) => createRefClip(modelOptions(config, words)),
    restore: (options) => createRefClip(options as RefClipOptions),
    isOptional: isUnusedHead,
    candidates: (encoded) => {
      const image = embeddedImage(encoded);
      return Array.from({ length: image.count }, (_, anchor) => bestBoxOfAnchor(image, anchor));
    },
  },
} satisfies Record<TrainerConfig['model']['name'], ModelKind>;

/** The kind of a model. @param name of the model. */
export function modelKind(name: AnyModel['name']): ModelKind {
  return modelKinds[name];
}
