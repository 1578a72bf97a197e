import { DataFormatError } from '@refclip/structures';
import { type EntryQuery, readEntry } from '../entries/read-entry.js';
import { readKeyRows } from './read-key-rows.js';
import { readNpyVectors } from './read-npy-vectors.js';
import { spacyStringKeys } from './spacy-string-key.js';
import type { WordVectorTable } from './word-vector-table.js';

/** `en_vectors_web_lg` has 15 MB of keys; this is for fifteen times as many. */
const MAX_KEY_BYTES = 1 << 28;

/**
 * Reads vectors from a spaCy 2 package (`en_vectors_web_lg` 2.1 and others of its form), a folder or an archive: `vocab/key2row` says by the hash of a word in
 * which row of `vocab/vectors` its vector is. Nothing of the package is run, and no spaCy is needed.
 *
 * A tar archive is read twice, since the matrix may come before the keys.
 *
 * @throws {FileError} or {DataFormatError} when the package cannot be read or is damaged.
 */
export async function readSpacyVectors(
  path: string,
  table: WordVectorTable,
  { onBytes }: Pick<EntryQuery, 'onBytes'> = {},
): Promise<void> {
  const pick = (name: string) => ({
    matches: (entry: string) => entry === name || entry.endsWith(`vocab/${name}`),
    what: `a spaCy package with vocab/${name}`,
    onBytes,
  });
  const keys = table.words.map(spacyStringKeys);
  const rows = readKeyRows(await readAll(path, pick('key2row')), `${path}: key2row`, new Set(keys.flat()));
  await readNpyVectors(readEntry(path, pick('vectors')), table, `${path}: vectors`, function* (count) {
    for (const [tableRow, candidates] of keys.entries()) {
      const key = candidates.find((candidate) => rows.has(candidate));
      if (key === undefined) continue;
      const row = rows.get(key) as number;
      if (row >= count) {
        const problem = `"${table.words[tableRow]}" is in row ${row} of a matrix with ${count} rows. The package is damaged.`;
        throw new DataFormatError({ file: path, record: 'vocab/key2row' }, problem);
      }
      yield [row, tableRow];
    }
  });
}

async function readAll(path: string, query: EntryQuery): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of readEntry(path, query)) {
    size += piece.length;
    if (size > MAX_KEY_BYTES)
      throw new DataFormatError({ file: path }, `has more than ${MAX_KEY_BYTES} bytes of keys.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
