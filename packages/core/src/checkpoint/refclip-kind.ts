import { createRefClip, isUnusedHead, type RefClip } from '../model/create-refclip.js';
import type { RefClipOptions } from '../model/refclip-options.js';
import type { CheckpointKind } from './checkpoint.js';

/** How RefCLIP comes out of a checkpoint. Projections and heads that the model does not use may be missing. */
export const refClipKind: CheckpointKind<RefClip> = {
  // `createRefClip` checks what a file holds.
  restore: (options) => createRefClip(options as RefClipOptions),
  isOptional: isUnusedHead,
};
