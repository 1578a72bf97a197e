/** Which refs of a file belong to a split: the ref's own split name in, yes or no out. */
export type SplitRule = (refSplit: string) => boolean;

const named =
  (name: string): SplitRule =>
  (refSplit) =>
    refSplit === name;
/** Test splits go by letter: a ref of `testAB` is in testA and in testB. */
const lettered =
  (letter: string): SplitRule =>
  (refSplit) =>
    refSplit.startsWith('test') && refSplit.slice(4).includes(letter);

const train = { train: named('train') };
const val = { val: named('val') };
const test = { test: (refSplit: string) => refSplit.startsWith('test') };
const testAB = { testA: lettered('A'), testB: lettered('B') };

/**
 * The REFER data sets, each with its ways of splitting (the name in `refs(<split by>).p`) and the splits to write, in order.
 * `refclef` is ReferItGame's.
 */
export const referDatasets = {
  refcoco: { unc: { ...train, ...val, ...testAB }, google: { ...train, ...val, ...test } },
  'refcoco+': { unc: { ...train, ...val, ...testAB } },
  refcocog: { umd: { ...train, ...val, ...test }, google: { ...train, ...val } },
  refclef: { unc: { ...train, ...val, ...testAB, testC: lettered('C') }, berkeley: { ...train, ...val, ...test } },
} as const satisfies Record<string, Record<string, Readonly<Record<string, SplitRule>>>>;

export type ReferDatasetName = keyof typeof referDatasets;

/** Images of RefClef that cannot be decoded as what they claim to be; refs to them are left out. */
export const brokenRefclefImages: ReadonlySet<string> = new Set(['19579.jpg', '17975.jpg', '19575.jpg']);

/** @returns the rules of a data set's way of splitting, or undefined when there is no such thing. */
export function referSplitRules(dataset: string, splitBy: string): Readonly<Record<string, SplitRule>> | undefined {
  const ways: Readonly<Record<string, Readonly<Record<string, SplitRule>>>> | undefined = Object.hasOwn(
    referDatasets,
    dataset,
  )
    ? referDatasets[dataset as ReferDatasetName]
    : undefined;
  return ways && Object.hasOwn(ways, splitBy) ? ways[splitBy] : undefined;
}

/** The data sets and their ways of splitting, for messages. */
export function describeReferDatasets(): string {
  return Object.entries(referDatasets)
    .map(([name, ways]) => `${name} (${Object.keys(ways).join(', ')})`)
    .join(', ');
}
