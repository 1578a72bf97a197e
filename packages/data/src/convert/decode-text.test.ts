import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.js';

describe('decodeText', () => {
  it('drops a byte order mark', () => {
    expect(decodeText(Buffer.from('\ufeffcafé'), 'a.csv')).toBe('café');
  });

  it('names the line and the character that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('good é line\n'), Buffer.from('caf'), Buffer.from([0xe9, 0x20, 0x0a])]);
    expect(() => decodeText(bytes, 'a.csv')).toThrow(/a\.csv, record line 2: character 4 is not UTF-8/);
  });

  it('names UTF-16', () => {
    expect(() => decodeText(Buffer.from('\ufeffimage', 'utf16le'), 'a.csv')).toThrow(/UTF-16/);
  });
});
