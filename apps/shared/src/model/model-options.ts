import type { RefClipOptions } from '@refclip/core';
import { COCO_PRIORS, type Prior, type Stride } from '@refclip/vision';
import type { TrainerConfig } from '../config/config-schema.js';
import type { ModelConfigOf } from '../config/model-schemas.js';
import { modelConfigOf } from './model-kind.js';

/** The priors of all scales: the configured ones at stride 32, the only scale whose boxes RefCLIP reads, COCO's at the others. */
export function detectorPriors({
  priors,
}: Pick<ModelConfigOf<'refclip'>, 'priors'>): Readonly<Record<Stride, readonly Prior[]>> {
  return { ...COCO_PRIORS, 32: priors };
}

/** RefCLIP's options of a configuration. @param words entries of the vocabulary. */
export function modelOptions(config: TrainerConfig, words: number): RefClipOptions {
  const { wordVectors, training, detector } = config;
  const model = modelConfigOf(config, 'refclip');
  const {
    width,
    inputSize,
    classes,
    anchorsPerImage,
    maxTokens,
    attentionLayers,
    textHidden,
    negativeAnchorAugmentation,
  } = model;
  return {
    words,
    width,
    inputSize,
    classes,
    priors: detectorPriors(model),
    anchorsPerImage,
    maxTokens,
    attentionLayers,
    textHidden,
    wordDimension: wordVectors.dimension,
    dropout: training.dropout,
    negativeAnchorAugmentation,
    detectorBatchNorm: detector.batchNorm,
  };
}
