import type { Dataset, ImageSource, TrainerConfig } from '@refclip/app-shared';
import { detectorBatch, interruptionSignal } from '@refclip/app-shared';
import { type AnyModel, createLocator, type ModelKind, type ReferringModel } from '@refclip/referring';
import type { Engine, NamedHostTensors } from '@refclip/runtime';
import { evaluateSplit, type SplitEvaluation } from './evaluate-split.js';

/** What {@link evaluateSplits} needs. */
export interface Evaluated {
  readonly config: TrainerConfig;
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly kind: Pick<ModelKind, 'candidates'>;
  readonly model: AnyModel;
  /** The model as it reads what `source` gives. */
  readonly reader: ReferringModel;
  readonly source: ImageSource;
  readonly values: NamedHostTensors;
}

/** Expressions per run of the model. */
const textBatch = 32;

/**
 * Evaluates weights on some splits; one program serves all.
 *
 * @param signal  ends it after a batch of images.
 * @param retrieval  whether retrieval is measured too.
 * @throws the reason of `signal`.
 */
export async function evaluateSplits(
  { config, engine, dataset, kind, model, reader, source, values }: Evaluated,
  splits: readonly string[],
  signal: AbortSignal = interruptionSignal(),
  retrieval = false,
): Promise<SplitEvaluation[]> {
  const batch = Math.min(config.evaluation.batchSize, detectorBatch(model.options) * 2);
  const locator = createLocator({ engine, model: reader, values, imageBatch: batch, textBatch });
  const options = {
    locator,
    source,
    batch,
    dataset,
    maxTokens: model.maxTokens,
    candidates: kind.candidates,
    retrieval,
    signal,
  };
  const results: SplitEvaluation[] = [];
  try {
    for (const split of splits) results.push(await evaluateSplit(split, options));
  } finally {
    await locator.dispose();
  }
  return results;
}
