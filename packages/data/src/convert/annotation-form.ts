import type { BoxConvention } from './box-convention.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import type { ReferringRecord, SplitRecords } from './referring-dataset.js';

/** What a writer is told besides the records. */
export interface WriteContext {
  /** File name of an image; ids become COCO's or ReferItGame's names. */
  readonly imageName: (image: number | string) => string;
  /** How boxes are written where the form leaves it open or the caller overrides it. */
  readonly boxes: BoxConvention;
  /** The file to write, for messages. */
  readonly file: string;
}

/** One way in which annotation files are written. */
export interface AnnotationForm {
  /** For people: what the form is and who uses it. */
  readonly description: string;
  /** How the form writes boxes; undefined where files differ, so that the numbers must tell. */
  readonly boxes: (file: string) => BoxConvention | undefined;
  /** Whether one file holds all splits. */
  readonly holdsSplits: boolean;
  /** Whether programs that read the form expect a box in every record. */
  readonly needsBoxes?: boolean;
  /** Whether written records need the size of their image. */
  readonly writesSizes?: boolean;
  /** @throws {DataFormatError} naming file and record. */
  readonly read: (bytes: Uint8Array, context: ReadContext) => PendingRecord[] | Promise<PendingRecord[]>;
  /** Pieces of the file, in order. */
  readonly write: (splits: SplitRecords, context: WriteContext) => Iterable<string | Uint8Array>;
}

/** All records of all splits, in order. */
export function* allRecords(splits: SplitRecords): Generator<ReferringRecord> {
  for (const records of splits.values()) yield* records;
}
