import { DataFormatError, type XyxyBox } from '@refclip/structures';
import { type BoxFormat, boxFormats, type FourNumbers, toXyxy } from '../boxes/box-format.js';
import type { RunLengthMask } from './prediction-record.js';

/** A JSON object whose fields are yet to be checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Where a value stands in a file; every reader below names it in its error. */
export interface Place {
  readonly file: string;
  readonly record: string;
}

/** A row and where it stands. @internal */
export interface PlacedValue {
  readonly value: JsonObject;
  readonly place: Place;
}

/** What a wrong value is called in a message: its JSON text, cut short. */
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The error for a field of the wrong type. */
export function wrongField(place: Place, field: string, expected: string, value: unknown): DataFormatError {
  return new DataFormatError({ ...place, field }, `expected ${expected}, got ${show(value)}.`);
}

export function readObject(value: unknown, place: Place, field: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrongField(place, field, 'an object', value);
}

export function readArray(value: unknown, place: Place, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongField(place, field, 'a list', value);
}

export function readText(value: unknown, place: Place, field: string): string {
  if (typeof value === 'string') return value;
  throw wrongField(place, field, 'a string', value);
}

export function readOptionalText(value: unknown, place: Place, field: string): string | undefined {
  return value === undefined || value === null ? undefined : readText(value, place, field);
}

/** A string or number, as a string: ids are written both ways in the wild. */
export function readId(value: unknown, place: Place, field: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrongField(place, field, 'a string or a number', value);
}

export function readOptionalId(value: unknown, place: Place, field: string): string | undefined {
  return value === undefined || value === null ? undefined : readId(value, place, field);
}

export function readNumber(value: unknown, place: Place, field: string): number {
  if (typeof value === 'number') return value;
  throw wrongField(place, field, 'a number', value);
}

/** A number, or nothing; `null` (how JSON writes NaN) is nothing. */
export function readOptionalNumber(value: unknown, place: Place, field: string): number | undefined {
  return value === undefined || value === null ? undefined : readNumber(value, place, field);
}

/** Four coordinates as corners. A `null` coordinate, which is how JSON writes NaN, is read as NaN. */
export function readBox(value: unknown, format: BoxFormat, place: Place, field: string): XyxyBox {
  if (!Array.isArray(value) || value.length !== 4) {
    const got = Array.isArray(value) ? `a list of ${value.length}` : value;
    throw wrongField(place, field, 'a box of four numbers', got);
  }
  const a: unknown = value[0];
  const b: unknown = value[1];
  const c: unknown = value[2];
  const d: unknown = value[3];
  if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number' && typeof d === 'number') {
    return format === 'xyxy' ? [a, b, c, d] : toXyxy([a, b, c, d], format);
  }
  const numbers = value.map((coordinate: unknown) => {
    if (coordinate === null) return Number.NaN;
    if (typeof coordinate !== 'number') throw wrongField(place, field, 'a box of four numbers', value);
    return coordinate;
  }) as unknown as FourNumbers;
  return toXyxy(numbers, format);
}

export function readBoxes(value: unknown, format: BoxFormat, place: Place, field: string): readonly XyxyBox[] {
  return readArray(value, place, field).map((box, i) => readBox(box, format, place, `${field}[${i}]`));
}

export function readBoxFormat(value: unknown, place: Place, field: string): BoxFormat {
  const format = boxFormats.find((name) => name === value);
  if (format) return format;
  throw wrongField(place, field, `one of ${boxFormats.join(', ')}`, value);
}

/** A COCO run-length mask; lengths are checked when it is decoded. */
export function readMask(value: unknown, place: Place, field: string): RunLengthMask {
  const mask = readObject(value, place, field);
  const size = readArray(mask.size, place, `${field}.size`);
  const [height, width] = [readNumber(size[0], place, `${field}.size`), readNumber(size[1], place, `${field}.size`)];
  if (!(Number.isSafeInteger(height * width) && height > 0 && width > 0 && size.length === 2)) {
    throw wrongField(place, `${field}.size`, '[height, width] in whole pixels', mask.size);
  }
  if (typeof mask.counts === 'string') return { size: [height, width], counts: mask.counts };
  const counts = readArray(mask.counts, place, `${field}.counts`);
  return { size: [height, width], counts: counts.map((count) => readNumber(count, place, `${field}.counts`)) };
}
