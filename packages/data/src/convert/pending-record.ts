import type { BoxConvention, ImageSize, RawBox } from './box-convention.js';

/** A record as a reader finds it, before it is known what the four numbers of its box mean. */
export interface PendingRecord {
  /** Where it stands, for messages: a line number, an index, an id. */
  readonly at: string | number;
  readonly split: string;
  readonly image: number | string;
  /** The file's name of an image that is known by its id, where it is not COCO's train2014 one. */
  readonly imageName?: string | undefined;
  readonly expressions: readonly string[];
  readonly rawBox?: RawBox | undefined;
  /** How this one record says its box is written; it wins over everything else. */
  readonly boxConvention?: BoxConvention | undefined;
  readonly category?: number | undefined;
  readonly maskId?: number | string | undefined;
  readonly size?: ImageSize | undefined;
  readonly score?: number | undefined;
}

/** What a reader is told besides the bytes. */
export interface ReadContext {
  /** Name of the file, for messages; some forms also say the split, or how boxes are written, by it. */
  readonly file: string;
  /** The split of records that do not name one. */
  readonly split: string;
}
