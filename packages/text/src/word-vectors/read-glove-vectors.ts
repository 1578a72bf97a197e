import { DataFormatError } from '@refclip/structures';
import { splitLines } from './split-lines.js';
import type { WordVectorTable } from './word-vector-table.js';

const space = 32;
const isNumber = (text: string) => /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text);

/**
 * Reads vectors from text: a word and its numbers on each line, separated by spaces (GloVe); a first line of two whole numbers, count and dimension,
 * is a head (word2vec, fastText). Reading ends when every word has its vector.
 *
 * The dimension is that of the first line. Lines whose word holds spaces have more fields and are passed over: no word of a vocabulary holds one.
 *
 * @param pieces  of the text, UTF-8.
 * @throws {DataFormatError} with the line, when the line of a wanted word has too few or wrong numbers, or the file holds no vectors.
 * @see Pennington et al. 2014, GloVe: Global Vectors for Word Representation
 */
export async function readGloveVectors(
  pieces: AsyncIterable<Uint8Array>,
  table: WordVectorTable,
  file: string,
): Promise<void> {
  let number = 0;
  for await (const lines of splitLines(pieces, file)) {
    for (const line of lines) {
      number++;
      if (!table.dimension) {
        if (line.length) startTable(line, number, table, file);
        if (!table.dimension) continue;
      }
      const end = line.indexOf(space);
      if (end <= 0) continue;
      const row = table.waitingRow(line.toString('utf8', 0, end));
      if (row === undefined) continue;
      const fields = fieldsOf(line.subarray(end + 1));
      if (fields.length > table.dimension) continue;
      table.set(row, parseVector(fields, table.dimension, { file, record: `line ${number}` }));
    }
    if (table.isComplete) return;
  }
  if (!table.dimension)
    throw new DataFormatError({ file }, 'holds no word vectors; expected a word and numbers per line.');
}

const fieldsOf = (line: Buffer) => line.toString('latin1').trim().split(/ +/);

/** Learns the dimension from the first line that is no head. */
function startTable(line: Buffer, number: number, table: WordVectorTable, file: string): void {
  const fields = fieldsOf(line);
  if (number === 1 && fields.length === 2 && fields.every((field) => /^\d+$/.test(field))) {
    table.setDimension(Number(fields[1]), file);
    return;
  }
  let numbers = 0;
  while (numbers < fields.length - 1 && isNumber(fields[fields.length - 1 - numbers] as string)) numbers++;
  if (numbers === 0) {
    throw new DataFormatError(
      { file, record: `line ${number}` },
      `expected a word and numbers separated by spaces; got "${line.toString('utf8', 0, 60)}".`,
    );
  }
  table.setDimension(numbers, file);
}

function parseVector(fields: readonly string[], dimension: number, at: { file: string; record: string }): Float32Array {
  const wrong = fields.find((field) => !isNumber(field) || !Number.isFinite(Math.fround(Number(field))));
  if (fields.length !== dimension || wrong !== undefined) {
    const got = fields.length !== dimension ? `${fields.length} numbers` : `"${wrong}"`;
    throw new DataFormatError(at, `expected ${dimension} numbers after the word; got ${got}.`);
  }
  return Float32Array.from(fields, Number);
}
