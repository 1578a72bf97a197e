import { createRealGin, type RealGin, type RealGinOptions, realGinTrunk } from '@refclip/students';
import { type ModelKind, modelConfigOf } from './model-kind.js';
import { studentTrunk } from './student-trunk.js';

/** RealGIN, with Darknet-53 and YOLOv3's next layers, 0 to 13, as its trunk. */
export const realGinKind: ModelKind<RealGin> = {
  create(config, words) {
    const { name, hidden, anchors, ...options } = modelConfigOf(config, 'realgin');
    const { training, wordVectors, detector } = config;
    return createRealGin({
      ...options,
      ...(hidden === null ? {} : { hidden }),
      ...(anchors === null ? {} : { anchors }),
      words,
      wordDimension: wordVectors.dimension,
      dropout: training.dropout,
      frozenStatistics: detector.batchNorm === 'frozen' ? 'running' : 'batch',
    });
  },
  restore: (options) => createRealGin(options as RealGinOptions),
  isOptional: () => false,
  // The layers after Darknet-53 are YOLOv3's up to its first output.
  lastDarknetLayer: 13,
  trunk(config) {
    const { width, depth } = modelConfigOf(config, 'realgin');
    return studentTrunk(config, {
      description: 'Darknet-53 and the layers 11 to 13 of RealGIN',
      map32: (scope, images) => realGinTrunk(scope, images, { width, depth }),
    });
  },
};
