/** What can be wrong with a data set. `error`: training or scoring would fail or lie; `warning`: worth a look. */
export const problemKinds = {
  'unreadable-file': 'error',
  'missing-image': 'error',
  'unreadable-image': 'error',
  'unsafe-path': 'error',
  'empty-split': 'warning',
  'empty-box': 'error',
  'box-outside': 'error',
  'box-partly-outside': 'warning',
  'suspicious-boxes': 'warning',
  'no-box': 'warning',
  'no-expression': 'error',
  'empty-expression': 'error',
  'long-expression': 'warning',
  'duplicate-record': 'warning',
  'ambiguous-expression': 'warning',
  'image-in-two-splits': 'warning',
  'broken-encoding': 'error',
  'suspicious-encoding': 'warning',
} as const;

export type ProblemKind = keyof typeof problemKinds;

/** One thing that is wrong, and where. */
export interface DataProblem {
  readonly kind: ProblemKind;
  readonly severity: 'error' | 'warning';
  readonly split?: string;
  /** Index of the record in its split, from 0. */
  readonly record?: number;
  readonly image?: number | string;
  readonly message: string;
}
