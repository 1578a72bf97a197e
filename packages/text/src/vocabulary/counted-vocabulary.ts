import type { Vocabulary } from './vocabulary.js';

/** A vocabulary, and how often each of its words is used where it comes from. */
export interface CountedVocabulary {
  readonly vocabulary: Vocabulary;
  /** By word; undefined for a word list. */
  readonly counts: ReadonlyMap<string, number> | undefined;
}
