/**
 * What became of an expression's prediction. Everything but `answered` is scored wrong:
 * `no-box` the model says that nothing fits · `missing` no prediction · `duplicate` several predictions · `extra` a prediction for no
 * known expression · `not-a-number` a coordinate is NaN or infinite · `degenerate` a box without positive width and height.
 */
export type CaseStatus = 'answered' | 'no-box' | 'missing' | 'duplicate' | 'extra' | 'not-a-number' | 'degenerate';

/** All statuses; a status is stored as its place here. */
export const caseStatuses = [
  'answered',
  'no-box',
  'missing',
  'duplicate',
  'extra',
  'not-a-number',
  'degenerate',
] as const satisfies readonly CaseStatus[];
