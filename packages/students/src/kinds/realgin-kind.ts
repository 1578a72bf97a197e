import type { ModelKind } from '@refclip/referring';
import { createRealGin, type RealGin } from '../realgin/create-realgin.js';
import { realGinTrunk } from '../realgin/realgin-forward.js';
import type { RealGinOptions } from '../realgin/realgin-options.js';
import { studentTrunk } from './student-trunk.js';

/** RealGIN, with Darknet-53 and YOLOv3's next layers, 0 to 13, as its trunk. */
export const realGinKind: ModelKind<RealGin> = {
  restore: (options) => createRealGin(options as RealGinOptions),
  isOptional: () => false,
  // The layers after Darknet-53 are YOLOv3's up to its first output.
  lastDarknetLayer: 13,
  trunk({ options: { width, depth, inputSize } }, { priors } = {}) {
    return studentTrunk({
      description: 'Darknet-53 and the layers 11 to 13 of RealGIN',
      inputSize,
      priors,
      map32: (scope, images) => realGinTrunk(scope, images, { width, depth }),
    });
  },
};
