/** The REFER data sets. `refclef` is ReferItGame's. */
export const referDatasets = ['refcoco', 'refcoco+', 'refcocog', 'refclef'] as const;

export type ReferDataset = (typeof referDatasets)[number];

/** Ways in which the data sets were split, as in the names of the `refs(<split by>).p` files. */
export const referSplitsBy = {
  refcoco: ['unc', 'google'],
  'refcoco+': ['unc'],
  refcocog: ['umd', 'google'],
  refclef: ['unc', 'berkeley'],
} as const satisfies Record<ReferDataset, readonly string[]>;

/** Split → does a ref whose own split has this name belong to it? Tests go by letter: `testAB` is in testA and in testB. */
export type SplitRule = Readonly<Record<string, (refSplit: string) => boolean>>;
