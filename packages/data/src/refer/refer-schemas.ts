import type { XywhBox } from '@refclip/structures';
import { z } from 'zod';

const boxSchema: z.ZodType<XywhBox> = z.tuple([z.number(), z.number(), z.number(), z.number()], {
  error: 'expected four numbers',
});

/** One entry of `refs(<split by>).p`, of which the conversion needs this much. */
export const refSchema = z.object({
  ref_id: z.int(),
  ann_id: z.int(),
  image_id: z.int(),
  category_id: z.int(),
  split: z.string(),
  sentences: z.array(z.object({ sent: z.string() })).min(1),
});

/** Run-length encoding of COCO: column by column, alternating lengths of 0s and 1s, as a list or as COCO's compressed text. */
const runLengthsSchema = z.object({
  size: z.tuple([z.int().positive(), z.int().positive()]),
  counts: z.union([z.string(), z.array(z.int().nonnegative())]),
});

/** A segmentation: polygons `[x1, y1, x2, y2, …]`, or run lengths (RefClef keeps them in a list). */
export const segmentationSchema = z.union([
  z.array(z.array(z.number())).min(1),
  runLengthsSchema,
  z.array(runLengthsSchema).min(1),
]);

export type Segmentation = z.output<typeof segmentationSchema>;

/** One annotation of `instances.json`. The segmentation is looked at only when masks are wanted. */
export const annotationSchema = z.object({
  id: z.int(),
  image_id: z.int(),
  bbox: boxSchema,
  segmentation: z.unknown(),
});

export const imageSchema = z.object({
  id: z.int(),
  file_name: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
});

/** The lists of `instances.json`; entries are checked as they are used, since most belong to no ref. */
export const instancesSchema = z.object({
  images: z.array(z.unknown()),
  annotations: z.array(z.unknown()),
  categories: z.array(z.object({ id: z.int(), name: z.string() })),
});
