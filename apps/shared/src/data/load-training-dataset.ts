import { createHash } from 'node:crypto';
import { heldOutSplit as heldOut } from '@refclip/records';
import { sampleDetector } from '../config/bundled-sample.js';
import { type TrainerConfig, usualSplits } from '../config/config-schema.js';
import { type Dataset, type EvaluationItem, loadDataset, type TrainingRecord } from './load-dataset.js';

/** A data set ready for training, with what there is to look at on the way and at the end. */
export interface TrainingDataset extends Dataset {
  /** The split that chooses the best epoch; `null`: there is none. */
  readonly validation: string | null;
  /** Splits that the best weights are asked at the end, {@link validation} among them where it was held out. */
  readonly scored: readonly string[];
  /** What people should know: what was held out, what is not there. */
  readonly notes: readonly string[];
}

const drawnShapesOnly =
  'detector: the bundled one, which knows drawn shapes alone and has never seen a photograph; with it everything runs, but answers on photographs mean little. For them name YOLOv3 weights by detector.weights: docs/guides/prepare-refcoco.md, part 6';

/** Fewer pictures are all trained on. */
const leastImages = 20;
/** Part of the pictures that is held out, and at most so many. */
const [heldOutPart, mostHeldOut] = [0.1, 500];

/**
 * Reads the configured data for a training. Boxes are wanted for scores alone: none has to be there.
 *
 * Of the usual splits `val`, `testA`, `testB`, those are scored that the annotations have; another name must exist. Where there is no `val`, a tenth of the
 * training pictures (at most 500, none of fewer than 20), with all their records, is taken out of `train` as `held-out`: which, depends on the seed and
 * the pictures' names.
 *
 * @throws as {@link loadDataset}.
 */
export async function loadTrainingDataset(config: TrainerConfig): Promise<TrainingDataset> {
  const { splits, validationSplit } = config.evaluation;
  const asked = [...new Set([...splits, validationSplit])];
  const isUsual = (split: string) => usualSplits.some((usual) => usual === split);
  let missing: readonly string[] = [];
  const choose = (names: readonly string[]) => {
    missing = asked.filter((split) => isUsual(split) && !names.includes(split));
    return asked.filter((split) => !missing.includes(split));
  };
  const dataset = await loadDataset(config, choose, true, 'optional');
  const scored = splits.filter((split) => !missing.includes(split));
  const absent = splits.filter((split) => missing.includes(split) && split !== validationSplit);
  const notes = absent.length ? [`not in the annotations, so not scored: ${absent.join(', ')}`] : [];
  if (config.detector.weights === sampleDetector && !config.data.synthesize) notes.push(drawnShapesOnly);
  if (!missing.includes(validationSplit)) return { ...dataset, validation: validationSplit, scored, notes };
  const { train, items, images } = holdOut(dataset.train, config.seed);
  if (!items.length)
    return {
      ...dataset,
      validation: null,
      scored,
      notes: [...notes, `no split "${validationSplit}": the last epoch is kept`],
    };
  const note = `no split "${validationSplit}": ${images} pictures with ${items.length} expressions are held out of train to choose the best epoch by`;
  const evaluation = new Map([...dataset.evaluation, [heldOut, items]]);
  return { ...dataset, train, evaluation, validation: heldOut, scored: [...scored, heldOut], notes: [...notes, note] };
}

/** Takes whole pictures out of the training records. @returns no items where there are too few pictures. */
function holdOut(
  records: readonly TrainingRecord[],
  seed: number,
): { readonly train: readonly TrainingRecord[]; readonly items: readonly EvaluationItem[]; readonly images: number } {
  const order = (file: string) => createHash('sha256').update(`${seed}:${file}`).digest('hex');
  const images = new Map(records.map(({ key, image }) => [key, order(String(image))]));
  if (images.size < leastImages) return { train: records, items: [], images: 0 };
  const count = Math.min(mostHeldOut, Math.round(images.size * heldOutPart));
  const ordered = [...images].sort(([, a], [, b]) => (a < b ? -1 : 1));
  const taken = new Set(ordered.slice(0, count).map(([key]) => key));
  const items = records.flatMap(({ image, file, key, expressions, box, record }) =>
    taken.has(key)
      ? expressions.map((expression, at) => ({
          id: `${heldOut}:${record}:${at}`,
          image,
          file,
          key,
          expression,
          record,
          truth: box,
        }))
      : [],
  );
  return { train: records.filter(({ key }) => !taken.has(key)), items, images: count };
}
