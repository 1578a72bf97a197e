import { describe, expect, it } from 'vitest';
import { encodePickle } from './encode-pickle.js';
import { PickleTuple } from './python-values.js';
import { readPickle } from './read-pickle.js';

describe('encodePickle', () => {
  it('keeps tuples apart from lists', () => {
    expect(Buffer.from(encodePickle(new PickleTuple([1]))).toString('latin1')).toBe('\x80\x02J\x01\x00\x00\x00\x85.');
    expect(readPickle(encodePickle([new PickleTuple([1, 'x'])]), 'x.p')).toEqual([[1, 'x']]);
  });

  it('refuses what Python could not read', () => {
    expect(() => encodePickle(() => 1)).toThrow(TypeError);
    expect(() => encodePickle([undefined])).toThrow(TypeError);
  });
});
