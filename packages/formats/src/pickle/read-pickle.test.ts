import { readFileSync } from 'node:fs';
import { DataFormatError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { readPickle } from './read-pickle.js';

const fixture = (name: string) => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const pickles = ['refs-protocol0.p', 'refs-protocol1.p', 'refs-protocol2.p', 'refs-protocol4.p', 'refs-python2.p'];

describe('readPickle', () => {
  it.each(pickles)('%s gives the expected refs', (name) => {
    expect(readPickle(fixture(name), name)).toEqual(JSON.parse(fixture('expected-refs.json').toString()));
  });

  it.each([
    ['(I1\nI-2\nL12345678901234567890L\nF1.5\nNI01\ntp0\n.', [1, -2, 12345678901234567890n, 1.5, null, true]],
    ["S'caf\\xc3\\xa9 \\'x\\''\n.", "café 'x'"],
    ["S'caf\\xe9'\n.", 'café'],
    ['Vcaf\\u00e9 \\U0001f600\n.', 'café 😀'],
    ['\x80\x02}q\x00(X\x01\x00\x00\x00aK\x05X\x01\x00\x00\x00bh\x00u0]q\x01.', []],
    ['\x80\x02\x8a\x02\xff\xff\x8a\x00\x86.', [-1, 0]],
    ['G\x3f\xf8\x00\x00\x00\x00\x00\x00.', 1.5],
  ])('reads %j', (text, value) => {
    expect(readPickle(Buffer.from(text, 'latin1'), 'x.p')).toEqual(value);
  });

  it('refuses code by name and runs nothing', () => {
    expect(() => readPickle(fixture('malicious.p'), 'malicious.p')).toThrow(
      /malicious\.p, record byte \d+: holds code \((posix|os)\.system\)/,
    );
  });

  it('keeps a key named __proto__ a key', () => {
    const value = readPickle(Buffer.from("(dS'__proto__'\n(dS'a'\nI1\nss.", 'latin1'), 'x.p');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect((value as { a?: number }).a).toBeUndefined();
  });

  it.each([
    '',
    '.',
    'a.',
    'u.',
    '0',
    'X\xff\xff\xff\x7fab',
    '\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.',
    '\x8b\xff\xff\xff\xff.',
    'g7\n.',
    'I1x\n.',
    "S'a\n.",
    'h\x05.',
    'I5',
  ])('refuses %j', (text) => {
    expect(() => readPickle(Buffer.from(text, 'latin1'), 'x.p')).toThrow(DataFormatError);
  });

  it.each(pickles)('fuzzed, %s is read or refused by an error that names the file', (name) => {
    const good = fixture(name);
    const u = mulberry32(5, 5000);
    let [at, refused] = [0, 0];
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(good);
      for (let k = 0; k < 4; k++)
        bytes[Math.floor((u[at++] as number) * bytes.length)] = Math.floor((u[at++] as number) * 256);
      const cut = bytes.subarray(0, Math.ceil((u[at++] as number) * 2 * bytes.length));
      try {
        readPickle(cut, name);
      } catch (error) {
        expect(error).toBeInstanceOf(DataFormatError);
        expect((error as DataFormatError).file).toBe(name);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});
