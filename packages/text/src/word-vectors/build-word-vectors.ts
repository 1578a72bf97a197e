import { WordVectorTable } from './word-vector-table.js';

/** The embedding matrix of a vocabulary. */
export interface WordVectors {
  /** Row by row. */
  readonly words: readonly string[];
  readonly dimension: number;
  /** float32 `[words, dimension]`; zeros for a word without a vector. */
  readonly vectors: Float32Array;
  /** The words without a vector. */
  readonly missing: readonly string[];
}

/**
 * Builds the matrix of a vocabulary, special tokens looked up like words.
 *
 * @param words  each once, in the order of the ids.
 * @param options.read  fills the table from a file.
 * @param options.dimension  numbers per word that the file must have; any when left out.
 * @param options.pieces  words that stand for several: such a word gets the mean of its pieces' vectors, zeros among them for a piece that has none.
 * It is how spaCy gives a vector to a word that its tokenizer cuts (`dont` → `do`, `nt`), and what SimREC trains with.
 */
export async function buildWordVectors(
  words: readonly string[],
  options: {
    readonly read: (table: WordVectorTable) => Promise<void>;
    readonly dimension?: number | undefined;
    readonly pieces?: ReadonlyMap<string, readonly string[]> | undefined;
  },
): Promise<WordVectors> {
  const piecesOf = (word: string) => options.pieces?.get(word) ?? [word];
  const table = new WordVectorTable([...new Set(words.flatMap(piecesOf))], options.dimension);
  await options.read(table);
  const rows = new Map(table.words.map((word, row) => [word, row]));
  const withoutVector = new Set(table.missing);
  const { dimension } = table;
  const vectors = new Float32Array(words.length * dimension);
  const missing: string[] = [];
  words.forEach((word, id) => {
    const pieces = piecesOf(word);
    if (pieces.every((piece) => withoutVector.has(piece))) missing.push(word);
    for (const piece of pieces) {
      const from = (rows.get(piece) as number) * dimension;
      for (let d = 0; d < dimension; d++) {
        vectors[id * dimension + d] =
          (vectors[id * dimension + d] as number) + (table.vectors[from + d] as number) / pieces.length;
      }
    }
  });
  return { words, dimension, vectors, missing };
}
