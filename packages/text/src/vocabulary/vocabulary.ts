import { DataFormatError } from '@refclip/structures';
import { tokenizeExpression } from './tokenize-expression.js';

/** The three entries every vocabulary begins with; their ids are 0, 1 and 2. */
export const specialTokens = ['PAD', 'UNK', 'CLS'] as const;

const padId = 0;
const unknownId = 1;

/** Words and their ids. */
export class Vocabulary {
  /** All entries, special tokens first; the index is the id. */
  readonly words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  private constructor(words: readonly string[]) {
    this.words = words;
    this.#ids = new Map(words.map((word, id) => [word, id]));
  }

  /**
   * Every word in order of first appearance, after the special tokens. Give the expressions of all splits in the order of the annotation file: the
   * ids, and with them the weights of the embedding, depend on it.
   */
  static fromExpressions(expressions: Iterable<string>): Vocabulary {
    const words = new Set<string>(specialTokens);
    for (const expression of expressions) for (const word of tokenizeExpression(expression)) words.add(word);
    return new Vocabulary([...words]);
  }

  /** @throws {DataFormatError} unless the list begins with the special tokens and has no word twice. */
  static fromWords(words: readonly string[], file = 'vocabulary'): Vocabulary {
    if (specialTokens.some((token, id) => words[id] !== token)) {
      const got = words.slice(0, specialTokens.length).join(', ');
      throw new DataFormatError(
        { file },
        `expected to begin with ${specialTokens.join(', ')}; got ${got || 'nothing'}.`,
      );
    }
    const seen = new Set<string>();
    const twice = words.find((word) => seen.size === seen.add(word).size);
    if (twice !== undefined)
      throw new DataFormatError({ file }, `the word "${twice}" stands twice; expected each once.`);
    return new Vocabulary([...words]);
  }

  get size(): number {
    return this.words.length;
  }

  /** The word's id; `UNK`'s for a word that is not here. */
  idOf(word: string): number {
    return this.#ids.get(word) ?? unknownId;
  }

  /**
   * Expressions as ids, cut or padded with `PAD` to `maxTokens`.
   *
   * @returns row-major `[expressions, maxTokens]`.
   */
  encode(expressions: readonly string[], maxTokens: number): Int32Array {
    const ids = new Int32Array(expressions.length * maxTokens).fill(padId);
    expressions.forEach((expression, row) => {
      const words = tokenizeExpression(expression).slice(0, maxTokens);
      words.forEach((word, column) => {
        ids[row * maxTokens + column] = this.idOf(word);
      });
    });
    return ids;
  }
}
