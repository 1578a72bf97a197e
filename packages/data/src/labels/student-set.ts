import type { XywhBox } from '@refclip/structures';
import type { ImageSize } from '../convert/box-convention.js';
import type { ReferringRecord } from '../convert/referring-dataset.js';
import type { OtherObject } from '../refer/write-refer.js';
import type { LabeledRecord } from './labeled-splits.js';

/** A split that only holds words, in the order of the vocabulary: nobody trains from it. */
export const wordSplit = 'vocabulary';

/** A data set for students: one split with a teacher's boxes, the others as people annotated them. */
export interface StudentSet {
  /** Name of the data set in file names, e.g. `refcoco`. */
  readonly name: string;
  /** The split with the teacher's boxes. */
  readonly split: string;
  /** All splits, in the order of the annotation file. */
  readonly splits: ReadonlyMap<string, readonly (ReferringRecord | LabeledRecord)[]>;
  /** All words of the annotation file in order of first appearance. */
  readonly words: readonly string[];
  /** Whether every expression of the split is there; otherwise the records no longer say all words. */
  readonly complete: boolean;
  /** File name of an image, inside the image folder. */
  readonly imageName: (image: number | string) => string;
  /** Undefined for an image that is not there. */
  readonly imageSize: (image: number | string) => Promise<ImageSize | undefined>;
  /** Categories of the detector. */
  readonly categories: number;
  /** What else the teacher's detector found in an image. */
  readonly others: (image: number | string) => readonly OtherObject[];
}

/** What a student's files are called, and what else is written. */
export interface StudentOptions {
  /** TransVG's name of the data set: `unc`, `unc+`, `gref`, `gref_umd`, `referit` or `flickr`. */
  readonly transvgName: string;
  /** MAttNet's way of splitting: `unc`, `google`, `umd` or `berkeley`. */
  readonly splitBy: string;
  /** SimREC: also a mask without content for each record, since its loader opens one. */
  readonly masks: boolean;
}

/** What a writer made. */
export interface StudentFiles {
  readonly files: readonly string[];
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/** A record in a written form: what of it can be compared. */
export interface ComparableRecord {
  readonly image: number | string;
  readonly expressions: readonly string[];
  readonly box?: XywhBox | undefined;
}
