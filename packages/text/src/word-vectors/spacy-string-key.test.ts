import { expect, test } from 'vitest';
import fixture from './__fixtures__/word-vectors.json' with { type: 'json' };
import { murmurHash64a, spacyStringKeys } from './spacy-string-key.js';

test.each(Object.entries(fixture.hashes))('hashes %s as spaCy does', (word, hash) => {
  expect(murmurHash64a(new TextEncoder().encode(word), 1n)).toBe(BigInt(hash));
  expect(spacyStringKeys(word).at(-1)).toBe(BigInt(hash));
});

test.each(Object.entries(fixture.symbols))('%s is symbol %i first', (name, key) => {
  expect(spacyStringKeys(name)[0]).toBe(BigInt(key));
});

test('an ordinary word has its hash alone', () => {
  expect(spacyStringKeys('coffee')).toEqual([3197928453018144401n]);
});
