/** Where an expression stands in an annotation file. */
export interface ExpressionPlace {
  readonly split: string;
  /** Of the records of the split in the order of the file, from 0. */
  readonly record: number;
  /** Of the expressions of the record, from 0. */
  readonly expression: number;
}

/** Split of predictions for records that a training held out of `train`, where there is no other split to choose the best epoch by; the record is that of `train`. */
export const heldOutSplit = 'held-out';

/**
 * The id under which predictions name an expression: `split:record:expression`.
 *
 * @example
 * predictionId({ split: 'val', record: 0, expression: 2 }); // 'val:0:2'
 */
export function predictionId({ split, record, expression }: ExpressionPlace): string {
  return `${split}:${record}:${expression}`;
}

/** What {@link predictionId} was made from; undefined for an id of another kind. */
export function parsePredictionId(id: string): ExpressionPlace | undefined {
  const match = /^(.+):(\d{1,15}):(\d{1,15})$/s.exec(id);
  return match ? { split: match[1]!, record: Number(match[2]), expression: Number(match[3]) } : undefined;
}
