import { createSimRec, type SimRec, type SimRecOptions } from '@refclip/students';
import { cspDarknetStem, cspDarknetTop, scaleImages } from '@refclip/vision';
import { type ModelKind, modelConfigOf } from './model-kind.js';
import { studentTrunk } from './student-trunk.js';

/** SimREC, with CSPDarkNet's layers 0 to 9 as its trunk. */
export const simRecKind: ModelKind<SimRec> = {
  create(config, words) {
    const { name, hidden, ...options } = modelConfigOf(config, 'simrec');
    const { training, wordVectors, detector } = config;
    return createSimRec({
      ...options,
      ...(hidden === null ? {} : { hidden }),
      words,
      wordDimension: wordVectors.dimension,
      dropout: training.dropout,
      frozenStatistics: detector.batchNorm === 'frozen' ? 'running' : 'batch',
    });
  },
  restore: (options) => createSimRec(options as SimRecOptions),
  isOptional: () => false,
  lastDarknetLayer: null,
  // Whole YOLOv5 detectors go on with their neck and heads, from layer 10.
  isOther: (name) => /^model\.\d\d+\./.test(name),
  trunk(config) {
    const { width, depth } = modelConfigOf(config, 'simrec');
    return studentTrunk(config, {
      description: 'CSPDarkNet, layers 0 to 9',
      map32: (scope, images) => {
        const { stem32 } = cspDarknetStem(scope, scaleImages(images), { width, depth });
        return cspDarknetTop(scope, stem32, { width, depth });
      },
    });
  },
};
