import { xyxyToXywh } from '@refclip/structures';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import type { SelectedLabel } from './select-labels.js';

/** A training record with a teacher's box. */
export interface LabeledRecord extends ReferringRecord {
  readonly label: SelectedLabel;
}

/**
 * A data set in which the teacher's boxes take the place of one split's: its own boxes and categories are not looked at, and a record without a label is left out.
 *
 * Splits, records and expressions stay in their order. Boxes get four decimals, a ten-thousandth of a pixel.
 *
 * @param policy  as the labels were selected: a record for each label's own expression, or for all expressions of its record.
 */
export function labeledSplits(
  source: SplitRecords,
  split: string,
  labels: readonly SelectedLabel[],
  policy: 'expression' | 'ref',
): ReadonlyMap<string, readonly (ReferringRecord | LabeledRecord)[]> {
  const records = source.get(split) ?? [];
  const labeled = labels.map((label): LabeledRecord => {
    const { expressions, maskId } = records[label.record] as ReferringRecord;
    const [x, y, w, h] = xyxyToXywh(label.box);
    return {
      image: label.image,
      box: [tidy(x), tidy(y), tidy(w), tidy(h)],
      expressions: policy === 'ref' ? expressions : [label.text],
      category: label.category,
      maskId,
      size: label.size,
      label,
    };
  });
  return new Map([...source].map(([name, old]) => [name, name === split ? labeled : old]));
}

function tidy(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
