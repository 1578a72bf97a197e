import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal digits');
const count = z.int().nonnegative();

/** First line of a label file: what made the labels out of what. */
export const labelHeaderSchema = z.strictObject({
  format: z.literal('refclip-labels-1'),
  /** Of the program that wrote the file. */
  version: z.string(),
  /** Sizes of the teacher; `classes` are the detector's categories. */
  model: z.looseObject({ classes: z.int().positive() }),
  /** The teacher's weights: base name, digest of the file, what the training noted. */
  weights: z.strictObject({ file: z.string(), sha256: digest, notes: z.record(z.string(), z.string()) }),
  /** What was labelled: base name and digest of the annotation file, and how much of it. */
  data: z.strictObject({
    file: z.string(),
    sha256: digest,
    split: z.string(),
    records: count,
    expressions: count,
    images: count,
  }),
  /** Whatever else decides about the labels. */
  configuration: z.record(z.string(), z.unknown()),
  /** The images in fixed portions, each labelled by itself: a shard holds every n-th. */
  plan: z.strictObject({ imagesPerChunk: z.int().positive(), chunks: count }),
  /** Which part of the whole the file holds, `index` from 1; null: all of it. */
  shard: z.strictObject({ index: z.int().positive(), count: z.int().positive() }).nullable(),
});

/** See {@link labelHeaderSchema}. */
export type LabelHeader = z.output<typeof labelHeaderSchema>;

/** The chunks of a file, ascending: all of the plan, or a shard's every n-th. */
export function chunksOf({ plan, shard }: Pick<LabelHeader, 'plan' | 'shard'>): number[] {
  const { index, count: shards } = shard ?? { index: 1, count: 1 };
  return Array.from({ length: plan.chunks }, (_, chunk) => chunk).filter((chunk) => chunk % shards === index - 1);
}

/** Where two headers differ but for the shard, as `path: one value, other value`. */
export function headerDifferences(one: LabelHeader, other: LabelHeader): string[] {
  return differences({ ...one, shard: null }, { ...other, shard: null }, '');
}

function differences(one: unknown, other: unknown, path: string): string[] {
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) => differences(one[key], other[key], path ? `${path}.${key}` : key));
  }
  const [a, b] = [JSON.stringify(one) ?? 'nothing', JSON.stringify(other) ?? 'nothing'];
  return a === b ? [] : [`${path}: ${a}, ${b}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
