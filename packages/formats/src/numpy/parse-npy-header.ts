import { DataFormatError } from '@refclip/structures';

/** What stands before the numbers of a `.npy` file. */
export interface NpyHeader {
  /** NumPy's name of the type, byte order first: `<f4`, `|u1`. */
  readonly descr: string;
  /** The first axis runs fastest in memory. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin, in bytes. */
  readonly dataStart: number;
}

/** NumPy itself refuses longer ones without being asked to trust them. */
const MAX_HEADER_BYTES = 10_000;

/** Bytes from the beginning of a `.npy` file that surely hold the header. */
export const npyHeaderBytes = 12 + MAX_HEADER_BYTES;

/**
 * Reads the header of a `.npy` file, formats 1 to 3.
 *
 * @param bytes  the beginning of the file, `npyHeaderBytes` or all of it.
 * @throws {DataFormatError} when it is none, or of objects, which only pickle can read.
 * @see NumPy enhancement proposal 1, "A simple file format for NumPy arrays"
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const fail = (problem: string): never => {
    throw new DataFormatError({ file }, problem);
  };
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== '\x93NUMPY') fail('is no .npy file.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) fail(`is of .npy format ${version}; expected 1 to 3.`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES) fail(`has a header of ${length} bytes; expected at most ${MAX_HEADER_BYTES}.`);
  if (start + length > bytes.length) fail('ends within its header. It is truncated.');
  const text = new TextDecoder().decode(bytes.subarray(start, start + length));
  const descr = /['"]descr['"]\s*:\s*['"]([<>|=][a-zA-Z]\d+)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const axes = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || axes === undefined || descr[1] === 'O') {
    return fail(`has the header ${JSON.stringify(text.trim().slice(0, 200))}; expected one of plain numbers.`);
  }
  const shape = axes.split(',').flatMap((axis) => (axis.trim() === '' ? [] : [Number(axis)]));
  if (shape.some((axis) => !Number.isSafeInteger(axis))) fail(`has the shape (${axes}); expected whole numbers.`);
  return { descr, fortranOrder: order === 'True', shape, dataStart: start + length };
}
