import type { XywhBox } from '@refclip/structures';
import type { ImageSize } from './box-convention.js';

/** One object of an image and what people call it: the form every conversion goes through. */
export interface ReferringRecord {
  /**
   * The image: a whole number is an id from which the file name follows (`COCO_train2014_%012d.jpg`, ReferItGame `%d.jpg`);
   * a string is a file name or a path inside the image folder.
   */
  readonly image: number | string;
  /** Image pixels, far edge exclusive. Absent where nobody drew one: training needs none. */
  readonly box?: XywhBox | undefined;
  /** At least one. */
  readonly expressions: readonly string[];
  /** Object category, contiguous from 0 (COCO: 0–79). */
  readonly category?: number | undefined;
  /** Ref of a REFER set; the name of its mask. */
  readonly maskId?: number | string | undefined;
  readonly size?: ImageSize | undefined;
  /** How sure the maker of a pseudo-label is of its box, at least 0. */
  readonly score?: number | undefined;
}

/** Split → records, in the order of the file. */
export type SplitRecords = ReadonlyMap<string, readonly ReferringRecord[]>;

/** What a reader made of a file. */
export interface ReferringDataset {
  readonly splits: SplitRecords;
  /** Image id → the name its file had, where that is not COCO's train2014 one. */
  readonly imageNames: ReadonlyMap<number, string>;
  /** What a person should know: how boxes were read, what was left out. One sentence each. */
  readonly notes: readonly string[];
}

/** Adds a record to its split, which is made when it is new. */
export function addRecord(splits: Map<string, ReferringRecord[]>, split: string, record: ReferringRecord): void {
  const records = splits.get(split);
  if (records) records.push(record);
  else splits.set(split, [record]);
}
