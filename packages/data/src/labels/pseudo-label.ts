import type { XyxyBox } from '@refclip/structures';
import type { ImageSize } from '../convert/box-convention.js';

/** An object that a teacher's detector found. */
export interface Detection {
  /** Image pixels, far edge exclusive, not clipped. */
  readonly box: XyxyBox;
  /** In [0, 1]. */
  readonly objectness: number;
  /** The detector's best category, from 0. */
  readonly category: number;
}

/** The box that a teacher gives to one expression, and how sure it is. */
export interface PseudoLabel extends Detection {
  /** Index of the record in its split. */
  readonly record: number;
  /** Index of the expression in its record. */
  readonly expression: number;
  readonly text: string;
  /** Of the expression and the chosen anchor: a dot product, on no fixed scale. */
  readonly similarity: number;
  /** Lead of the chosen anchor over the second best, in the unit of the similarity. */
  readonly margin: number;
  /** Place of the chosen anchor among the kept ones by objectness; 1 is the most confident. */
  readonly rank: number;
}

/** An image with all that a teacher says about it. */
export interface LabeledImage extends ImageSize {
  readonly image: number | string;
  /** Path inside the image folder. */
  readonly file: string;
  /** The kept anchors' boxes, in grid order. */
  readonly detections: readonly Detection[];
  readonly labels: readonly PseudoLabel[];
}

/** An image that could not be read: its expressions have no labels. */
export interface BrokenImage {
  readonly image: number | string;
  /** What is wrong with it. */
  readonly broken: string;
  /** How many expressions go without a label. */
  readonly expressions: number;
}

/** One image of a label file. */
export type LabelEntry = LabeledImage | BrokenImage;

/** Whether an entry has labels. */
export function isLabeled(entry: LabelEntry): entry is LabeledImage {
  return 'labels' in entry;
}
