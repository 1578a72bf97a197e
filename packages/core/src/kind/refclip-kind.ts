import {
  bestBoxOfAnchor,
  createRefClip,
  embeddedImage,
  isUnusedHead,
  type RefClip,
  type RefClipOptions,
} from '@refclip/core';
import { createDetector, pretrainingHead } from '@refclip/vision';
import { type ModelKind, modelConfigOf } from './model-kind.js';
import { detectorPriors, modelOptions } from './model-options.js';

/** The teacher. Its detector is trained whole. */
export const refClipKind: ModelKind<RefClip> = {
  create: (config, words) => createRefClip(modelOptions(config, words)),
  restore: (options) => createRefClip(options as RefClipOptions),
  isOptional: isUnusedHead,
  lastDarknetLayer: 10,
  trunk(config) {
    const { width, inputSize, priors, ...model } = modelConfigOf(config, 'refclip');
    const detector = createDetector({ width, inputSize, classes: model.classes, priors: detectorPriors({ priors }) });
    return {
      description: 'YOLOv3 with guided anchors, stride-32 head',
      inputSize,
      priors,
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
