import { createRefClip, isUnusedHead, type RefClip, type RefClipOptions } from '@refclip/core';
import {
  createRealGin,
  createSimRec,
  type RealGin,
  type RealGinOptions,
  type SimRec,
  type SimRecOptions,
} from '@refclip/students';

/** Every kind of model that can be opened, by its name in checkpoints. */
export const openableKinds = {
  refclip: { restore: (options: object) => createRefClip(options as RefClipOptions), isOptional: isUnusedHead },
  simrec: { restore: (options: object) => createSimRec(options as SimRecOptions) },
  realgin: { restore: (options: object) => createRealGin(options as RealGinOptions) },
};

/** One of the models in {@link openableKinds}; its `name` tells which. */
export type OpenableModel = RefClip | SimRec | RealGin;
