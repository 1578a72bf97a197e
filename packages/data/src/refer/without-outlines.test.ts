import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withoutOutlines } from './without-outlines.js';

const strip = (text: string) => Buffer.from(withoutOutlines(Buffer.from(text))).toString();

describe('withoutOutlines', () => {
  it('is the same JSON with null for lists of numbers', () => {
    const text = readFileSync(new URL('__fixtures__/instances.json', import.meta.url), 'utf8');
    const expected = JSON.parse(text, (key, value) => (key === 'segmentation' && Array.isArray(value) ? null : value));
    expect(JSON.parse(strip(text))).toEqual(expected);
    expect(JSON.parse(strip(JSON.stringify(JSON.parse(text), undefined, 2)))).toEqual(expected);
  });

  it.each([
    ['{"segmentation" : [[1, -2.5e3]\n], "id": 1}', '{"segmentation" : null, "id": 1}'],
    ['[{"segmentation":[]},{"segmentation":[[1],[2]]}]', '[{"segmentation":null},{"segmentation":null}]'],
    ['{"segmentation": {"size": [1, 2], "counts": [1]}}', undefined],
    ['{"segmentation": [{"counts": [1]}]}', undefined],
    ['{"segmentation": ["a"]}', undefined],
    ['["segmentation", [1]]', undefined],
    ['{"a\\"segmentation": [1]}', undefined],
    ['{"a": "\\"segmentation\\": [1]"}', undefined],
    ['{"segmentation": [1', undefined],
    ['"segmentation"', undefined],
    ['', undefined],
  ])('%j', (text, expected = text) => {
    expect(strip(text)).toBe(expected);
  });
});
