import { float16ToFloat32, npyHeaderBytes, parseNpyHeader } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { PieceReader } from '../entries/piece-reader.js';
import type { WordVectorTable } from './word-vector-table.js';

const decoders: Readonly<
  Record<string, { readonly bytes: number; readonly decode: (row: ArrayBuffer) => ArrayLike<number> }>
> = {
  '<f2': { bytes: 2, decode: (row) => float16ToFloat32(new Uint16Array(row)) },
  '<f4': { bytes: 4, decode: (row) => new Float32Array(row) },
  '<f8': { bytes: 8, decode: (row) => new Float64Array(row) },
};

/**
 * Reads rows of a `.npy` matrix `[rows, dimension]`, from its beginning to the last one wanted; other rows are passed over.
 *
 * @param pieces  of the file.
 * @param rowsOf  rows of the matrix → row of the table. An iterable is taken once the number of rows is known, so that it can be checked.
 * @throws {DataFormatError} for anything but a whole float matrix in row order.
 */
export async function readNpyVectors(
  pieces: AsyncIterable<Uint8Array>,
  table: WordVectorTable,
  file: string,
  rowsOf: (rows: number) => Iterable<readonly [row: number, tableRow: number]>,
): Promise<void> {
  const reader = new PieceReader(pieces);
  const start = await reader.take(npyHeaderBytes);
  const { descr, fortranOrder, shape, dataStart } = parseNpyHeader(start, file);
  reader.putBack(start.subarray(dataStart));
  const decoder = decoders[descr];
  const [rows, dimension] = shape;
  if (!decoder || fortranOrder || shape.length !== 2 || rows === undefined || dimension === undefined) {
    const got = `${descr} [${shape.join(', ')}]${fortranOrder ? ' in column order' : ''}`;
    throw new DataFormatError(
      { file },
      `expected a matrix of ${Object.keys(decoders).join(', ')} in row order; got ${got}.`,
    );
  }
  table.setDimension(dimension, file);
  const rowBytes = dimension * decoder.bytes;
  let next = 0;
  for (const [row, tableRow] of [...rowsOf(rows)].sort(([a], [b]) => a - b)) {
    // Two words may share a row; it stays readable by being put back.
    await reader.skip((row - next) * rowBytes);
    const bytes = await reader.take(rowBytes);
    if (bytes.length < rowBytes) {
      throw new DataFormatError(
        { file, record: `row ${row}` },
        `the file ends before it; it claims ${rows} rows. It is truncated.`,
      );
    }
    reader.putBack(bytes);
    next = row;
    table.set(tableRow, decoder.decode(new Uint8Array(bytes).buffer));
  }
}
