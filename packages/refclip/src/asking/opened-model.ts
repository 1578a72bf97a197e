import type { XyxyBox } from '@refclip/structures';

/** Pixels that a program has at hand: RGB of 8 bits, row-major `[height, width, 3]`, the way people see the picture. */
export interface RawPicture {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture to ask about: the path of a file, the bytes of a JPEG, PNG, WebP, GIF, TIFF or AVIF file, or pixels. */
export type Picture = string | URL | Uint8Array | RawPicture;

/** What a model answers to one expression. */
export interface Answer {
  readonly expression: string;
  /** x1, y1, x2, y2, clipped to the picture, in its pixels as people see it. `null`: the model knows none of the words, so it does not guess. */
  readonly box: XyxyBox | null;
  /** As the model has it: may reach beyond the picture. */
  readonly unclippedBox: XyxyBox | null;
  /** Higher is surer; comparable within one model only. */
  readonly score: number | null;
  /**
   * How clearly the box wins over the others that the model sees in this picture, in [0, 1]. No probability that the object is there: one box is chosen even
   * where nothing fits.
   */
  readonly confidence: number | null;
  /** Words that the model has never seen; they count for nothing. */
  readonly unknownWords: readonly string[];
  /** Words beyond what the model reads of an expression. */
  readonly unreadWords: readonly string[];
}

/** A model that answers. Close it, or `await using` it: its programs and threads stay otherwise. */
export interface OpenedModel {
  /** Its kind: `refclip`, `simrec`, `realgin`. */
  readonly name: string;
  /** What programs run on and why, e.g. `ONNX Runtime on cpu: …`. */
  readonly engine: string;
  /** Words that it knows. */
  readonly words: readonly string[];
  /** What its training noted, e.g. `epoch`, `valAccuracy`. */
  readonly notes: Readonly<Record<string, string>>;
  /**
   * Finds what expressions mean in a picture, which is encoded once for all of them.
   *
   * @returns an answer for each expression, in order.
   * @throws {UsageError} for an expression without a word; {FileError}, {DataFormatError} for the picture.
   */
  ground(picture: Picture, expressions: readonly string[]): Promise<readonly Answer[]>;
  /** Lets the questions that were asked end, then frees everything. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
