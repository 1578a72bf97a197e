import { DataFormatError } from '@refclip/structures';
import type { PredictionFormat } from '../predictions/detect-prediction-format.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import type { TruthSet } from '../truth/truth-set.js';
import { createTruthJoin, type JoinRule } from './truth-join.js';

/** Predictions with what the annotations say of their expressions. */
export interface AttachedTruth {
  /** One per prediction and expression it answers; a prediction for no known expression stays as it is. */
  readonly rows: readonly PredictionRow[];
  readonly notes: readonly string[];
}

/**
 * Gives predictions the id, image, split, expression, category and truth of the expressions that they answer.
 *
 * @param options.ids  which id they get: that of the annotation file (`id`), or the sentence id where there is one.
 * @throws {DataFormatError} when a row lacks what the rule goes by, no row belongs to any expression, or equal expressions cannot be told apart.
 */
export function attachTruth(
  rows: readonly PredictionRow[],
  truth: TruthSet,
  options: {
    readonly file: string;
    readonly format: PredictionFormat;
    readonly join?: JoinRule | undefined;
    readonly ids?: 'id' | 'sentence' | undefined;
  },
): AttachedTruth {
  const { file, format, ids = 'id' } = options;
  const [first] = rows;
  if (!first) return { rows, notes: [] };
  const join = createTruthJoin(truth, options.join, format, first, file);
  let unknown = 0;
  const attached = rows.flatMap((row): PredictionRow[] => {
    const places = join.find(row, file);
    if (places.length === 0) {
      unknown++;
      return [row];
    }
    return places.map((place) => {
      const {
        id,
        sentenceId,
        predictionId: _,
        unannotated,
        boxes,
        mask: truthMask,
        ...about
      } = truth.expressions[place]!;
      const truths = unannotated ? undefined : boxes;
      return { ...row, ...about, id: ids === 'sentence' ? (sentenceId ?? id) : id, truths, truthMask };
    });
  });
  if (unknown === rows.length) {
    const problem = `none of the ${rows.length} predictions belongs to an expression of ${truth.file}, joined by ${join.rule}.`;
    throw new DataFormatError({ file }, `${problem} Check the files, the split and the rule of joining.`);
  }
  const notes = join.finish(file);
  return {
    rows: attached,
    notes: unknown > 0 ? [`${unknown} predictions belong to no known expression`, ...notes] : notes,
  };
}
