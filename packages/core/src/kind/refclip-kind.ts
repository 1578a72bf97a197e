import type { ModelKind } from '@refclip/referring';
import { pretrainingHead } from '@refclip/vision';
import { bestBoxOfAnchor, embeddedImage } from '../grounding/select-best-anchor.js';
import { createRefClip, isUnusedHead, type RefClip } from '../model/create-refclip.js';
import type { RefClipOptions } from '../model/refclip-options.js';

/** RefCLIP, the teacher. Its detector is trained whole. Projections and heads that the model does not use may be missing in files. */
export const refClipKind: ModelKind<RefClip> = {
  // `createRefClip` checks what a file holds.
  restore: (options) => createRefClip(options as RefClipOptions),
  isOptional: isUnusedHead,
  lastDarknetLayer: 10,
  trunk({ detector, options: { inputSize, priors } }) {
    return {
      description: 'YOLOv3 with guided anchors, stride-32 head',
      inputSize,
      priors: priors[32],
      isKept: () => true,
      parameters: () => detector.parameters,
      run: (scope, images) => pretrainingHead(scope, images, detector),
    };
  },
  candidates: (encoded) => {
    const image = embeddedImage(encoded);
    return Array.from({ length: image.count }, (_, anchor) => bestBoxOfAnchor(image, anchor));
  },
};
