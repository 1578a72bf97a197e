import { z } from 'zod';
import type { RawBox } from './box-convention.js';

/** Four finite numbers. */
export const rawBoxSchema: z.ZodType<RawBox> = z.tuple([z.number(), z.number(), z.number(), z.number()], {
  error: 'expected four numbers',
});

/** An image as files name it: an id, or a path inside the image folder. Where a path may lead is checked when it is opened. */
export const imageSchema = z.union([z.int().nonnegative(), z.string().min(1).max(4096)], {
  error: 'expected a file name or a whole number',
});

export const expressionSchema = z.string({ error: 'expected a text' });

/** Width or height of an image in pixels. */
export const pixelsSchema = z.int().positive();
