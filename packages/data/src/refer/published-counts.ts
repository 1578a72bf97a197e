/** Sizes of a data set, or of one of its splits. A number nobody published is absent. */
export interface DatasetCounts {
  readonly expressions: number;
  readonly refs?: number;
  readonly images?: number;
}

/** What the makers of a data set published about one way of splitting it. */
export interface PublishedCounts {
  readonly total: DatasetCounts;
  /** Split → expressions. */
  readonly splits: Readonly<Record<string, number>>;
}

/**
 * Published sizes by `<data set>/<split by>`; RefClef's are those of one public copy of its berkeley split.
 *
 * @see Yu et al. 2016 (RefCOCO, RefCOCO+), Mao et al. 2016 and Nagaraja et al. 2016 (RefCOCOg), Kazemzadeh et al. 2014 (ReferItGame)
 */
export const publishedCounts: Readonly<Record<string, PublishedCounts>> = {
  'refcoco/unc': {
    total: { expressions: 142_210, refs: 50_000, images: 19_994 },
    splits: { train: 120_624, val: 10_834, testA: 5_657, testB: 5_095 },
  },
  'refcoco+/unc': {
    total: { expressions: 141_564, refs: 49_856, images: 19_992 },
    splits: { train: 120_191, val: 10_758, testA: 5_726, testB: 4_889 },
  },
  'refcocog/umd': {
    total: { expressions: 95_010, refs: 49_822, images: 25_799 },
    splits: { train: 80_512, val: 4_896, test: 9_602 },
  },
  'refcocog/google': {
    total: { expressions: 95_010, refs: 49_822, images: 25_799 },
    splits: { train: 85_474, val: 9_536 },
  },
  'refclef/berkeley': {
    total: { expressions: 120_081, images: 19_989 },
    splits: { train: 54_134, val: 5_842, test: 60_105 },
  },
};
