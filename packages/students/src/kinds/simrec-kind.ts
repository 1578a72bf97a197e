import type { ModelKind } from '@refclip/referring';
import { cspDarknetStem, cspDarknetTop, scaleImages } from '@refclip/vision';
import { createSimRec, type SimRec } from '../simrec/create-simrec.js';
import type { SimRecOptions } from '../simrec/simrec-options.js';
import { studentTrunk } from './student-trunk.js';

/** SimREC, with CSPDarkNet's layers 0 to 9 as its trunk. */
export const simRecKind: ModelKind<SimRec> = {
  restore: (options) => createSimRec(options as SimRecOptions),
  isOptional: () => false,
  lastDarknetLayer: null,
  // Whole YOLOv5 detectors go on with their neck and heads, from layer 10.
  isOther: (name) => /^model\.\d\d+\./.test(name),
  trunk({ options: { width, depth, inputSize } }, { priors } = {}) {
    return studentTrunk({
      description: 'CSPDarkNet, layers 0 to 9',
      inputSize,
      priors,
      map32: (scope, images) => {
        const { stem32 } = cspDarknetStem(scope, scaleImages(images), { width, depth });
        return cspDarknetTop(scope, stem32, { width, depth });
      },
    });
  },
};
