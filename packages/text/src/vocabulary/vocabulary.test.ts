import { expect, test } from 'vitest';
import { tokenizeExpression } from './tokenize-expression.js';
import { Vocabulary } from './vocabulary.js';

test.each([
  ["Man's red-and-white shirt, left.", ['mans', 'red', 'and', 'white', 'shirt', 'left']],
  ['a/b  (c)* #d: "e"; f!?', ['a', 'b', 'c', 'd', 'e', 'f']],
  ['  ', []],
  ['-', []],
])('%s', (expression, words) => {
  expect(tokenizeExpression(expression)).toEqual(words);
});

test('ids follow first appearance after the special tokens, unknown words and padding have theirs', () => {
  const vocabulary = Vocabulary.fromExpressions(['left cat', 'the left dog']);
  expect(vocabulary.words).toEqual(['PAD', 'UNK', 'CLS', 'left', 'cat', 'the', 'dog']);
  expect(Array.from(vocabulary.encode(['dog left bird', 'a b c d e'], 4))).toEqual([6, 3, 1, 0, 1, 1, 1, 1]);
});

test('a word list survives, a broken one is refused', () => {
  const { words } = Vocabulary.fromExpressions(['left cat']);
  expect(Vocabulary.fromWords(words).words).toEqual(words);
  expect(() => Vocabulary.fromWords(['left'])).toThrow('expected to begin with PAD, UNK, CLS; got left');
  expect(() => Vocabulary.fromWords([...words, 'cat'])).toThrow('"cat" stands twice');
});
