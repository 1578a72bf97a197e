import type { RefClipOptions } from '@refclip/core';
import { RefclipError } from '@refclip/structures';
import type { RealGinOptions, SimRecOptions } from '@refclip/students';
import { COCO_PRIORS } from '@refclip/vision';
import type { TrainerConfig } from '../config/config-schema.js';
import type { ModelConfig, ModelConfigOf } from '../config/model-schemas.js';

type OptionsOf = Readonly<Record<ModelConfig['name'], (config: TrainerConfig, words: number) => object>>;

/** Options of the configured model. @param words entries of the vocabulary. */
export function modelOptions(config: TrainerConfig, words: number): object {
  return optionsOf[config.model.name](config, words);
}

const optionsOf: OptionsOf = {
  refclip(config, words): RefClipOptions {
    const { name, priors, ...sizes } = modelConfigOf(config, 'refclip');
    return {
      ...sizes,
      words,
      // The configured priors are those of stride 32, the only scale whose boxes RefCLIP reads.
      priors: { ...COCO_PRIORS, 32: priors },
      wordDimension: config.wordVectors.dimension,
      dropout: config.training.dropout,
      detectorBatchNorm: config.detector.batchNorm,
    };
  },
  simrec(config, words): SimRecOptions {
    const { name, hidden, ...sizes } = modelConfigOf(config, 'simrec');
    return { ...sizes, ...(hidden === null ? {} : { hidden }), ...sharedByStudents(config, words) };
  },
  realgin(config, words): RealGinOptions {
    const { name, hidden, anchors, ...sizes } = modelConfigOf(config, 'realgin');
    return {
      ...sizes,
      ...(hidden === null ? {} : { hidden }),
      ...(anchors === null ? {} : { anchors }),
      ...sharedByStudents(config, words),
    };
  },
};

function sharedByStudents({ wordVectors, training, detector }: TrainerConfig, words: number) {
  return {
    words,
    wordDimension: wordVectors.dimension,
    dropout: training.dropout,
    frozenStatistics: detector.batchNorm === 'frozen' ? 'running' : 'batch',
  } as const;
}

/** The options of the configured model. @throws {RefclipError} when it is another one: a kind of model was mixed up. */
function modelConfigOf<Name extends ModelConfig['name']>(config: TrainerConfig, name: Name): ModelConfigOf<Name> {
  const { model } = config;
  if (!isNamed(model, name)) throw new RefclipError('usage', `internal: the model is ${model.name}; expected ${name}.`);
  return model;
}

function isNamed<Name extends ModelConfig['name']>(model: ModelConfig, name: Name): model is ModelConfigOf<Name> {
  return model.name === name;
}
