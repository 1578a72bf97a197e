import { basename } from 'node:path';
import { DataFormatError } from '@refclip/structures';
import { readEntry } from '../entries/read-entry.js';
import { readWordList } from '../vocabulary/read-word-list.js';
import { readGloveVectors } from './read-glove-vectors.js';
import { readNpyVectors } from './read-npy-vectors.js';
import { readSpacyVectors } from './read-spacy-vectors.js';
import type { WordVectorTable } from './word-vector-table.js';

/** Where vectors come from. */
export interface WordVectorSource {
  /** A file, folder or archive. */
  readonly path: string;
  /** For a matrix: the list of words, row by row. */
  readonly wordList?: string | undefined;
  /** The text to read from an archive that holds several; the first of the wanted dimension when left out. */
  readonly entry?: string | undefined;
  /** Numbers per word that are wanted; picks the text from an archive like `glove.6B.zip`. */
  readonly dimension?: number | undefined;
  /** Told how many bytes of the file on disk have been read since the last call. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

type Read = (source: WordVectorSource, table: WordVectorTable) => Promise<void>;

/** How vectors are kept, each with the reader of it. */
export const wordVectorFormats = {
  /** Text, plain, gzipped or in a zip archive. */
  glove: readText,
  /** A `.npy` matrix and a list of its words. */
  npy: readMatrix,
  /** A package of spaCy 2, folder or archive. */
  spacy: ({ path, onBytes }, table) => readSpacyVectors(path, table, { onBytes }),
} satisfies Record<string, Read>;

export type WordVectorFormat = keyof typeof wordVectorFormats;

/** The format that a path's name suggests: `.npy` files are matrices; folders, tar archives and wheels are spaCy's; all else is text. */
export function guessWordVectorFormat(path: string, isFolder: boolean): WordVectorFormat {
  const name = basename(path).toLowerCase();
  if (name.endsWith('.npy')) return 'npy';
  return isFolder || /\.(tar|tar\.gz|tgz|whl)$/.test(name) ? 'spacy' : 'glove';
}

async function readText({ path, entry, dimension, onBytes }: WordVectorSource, table: WordVectorTable): Promise<void> {
  const ofDimension = new RegExp(`\\b${dimension ?? '\\d+'}d\\b`);
  const isText = (name: string) =>
    /\.(txt|vec)$/.test(name) && (ofDimension.test(name) || !/\b\d+d\b/.test(basename(name)));
  const matches = entry === undefined ? isText : (name: string) => name === entry;
  const what = entry ?? `a text of word vectors (.txt or .vec${dimension === undefined ? '' : `, ${dimension}d`})`;
  await readGloveVectors(readEntry(path, { matches, what, onBytes }), table, path);
}

async function readMatrix({ path, wordList, onBytes }: WordVectorSource, table: WordVectorTable): Promise<void> {
  if (wordList === undefined) {
    throw new DataFormatError({ file: path }, 'is a matrix without words; expected the list of its words beside it.');
  }
  const words = await readWordList(wordList);
  const pieces = readEntry(path, { matches: (name) => name.endsWith('.npy'), what: 'a .npy file', onBytes });
  await readNpyVectors(pieces, table, path, (rows) => {
    if (rows !== words.length) {
      throw new DataFormatError(
        { file: path },
        `has ${rows} rows for the ${words.length} words of ${wordList}; expected as many.`,
      );
    }
    return [...words.entries()].flatMap(([row, word]) => {
      const tableRow = table.waitingRow(word);
      return tableRow === undefined ? [] : [[row, tableRow] as const];
    });
  });
}
