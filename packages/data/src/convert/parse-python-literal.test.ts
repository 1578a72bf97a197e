import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { formatPythonLiteral } from './format-python-literal.js';
import { parsePythonLiteral } from './parse-python-literal.js';

describe('parsePythonLiteral', () => {
  it.each([
    ['[1, 2.5, -3e2, .5]', [1, 2.5, -300, 0.5]],
    ["['left cat', \"it's\"]", ['left cat', "it's"]],
    ["'a\\'b\\\\c\\u00e9\\x41\\d'", "a'b\\cé" + 'A\\d'],
    ["(u'old', (1,), [])", ['old', [1], []]],
    [' None ', null],
    ['[True, False]', [true, false]],
  ])('reads %s', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  it.each(['', '[1, 2', '[1 2]', "'open", '__import__("os")', '[1] + [2]', '{1: 2}', "'\\x4'", '['.repeat(100)])(
    'refuses %s',
    (text) => {
      expect(() => parsePythonLiteral(text)).toThrow(SyntaxError);
    },
  );

  it('only ever throws SyntaxError on noise', () => {
    const alphabet = '[](),\'"\\x0u1 .e-NTruen';
    const u = mulberry32(3, 20_000);
    for (let start = 0; start + 20 < u.length; start += 20) {
      const text = Array.from(u.subarray(start, start + 20), (v) => alphabet[Math.floor(v * alphabet.length)]).join('');
      try {
        parsePythonLiteral(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }
  });
});

describe('formatPythonLiteral', () => {
  it('is read back as it was', () => {
    const value = [1, -2.5, "it's", 'say "no"', `both ' and "`, 'back\\slash\nline', 'é', null, true, [[], [3]]];
    expect(parsePythonLiteral(formatPythonLiteral(value))).toEqual(value);
  });
});
