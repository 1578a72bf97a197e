import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { TextColumn } from './text-column.js';

it('numbers texts in order of first appearance, as a map does', () => {
  const [column, map] = [new TextColumn(), new Map<string, number>()];
  const random = mulberry32(1, 60_000);
  for (const value of random) {
    const text = value < 0.1 ? `Straße ${Math.floor(value * 5e4)} 🙂` : `val ${Math.floor(value * 2e4)}`;
    if (!map.has(text)) map.set(text, map.size);
    if (column.numberOf(text) !== map.get(text)) expect(text).toBe('numbered alike');
  }
  expect(column.length).toBe(map.size);
  expect(map.size).toBeGreaterThan(10_000);
  expect([...column]).toEqual([...map.keys()]);
  expect([...map.keys()].map((text) => column.find(text))).toEqual([...map.values()]);
  expect(column.find('val 20001')).toBe(-1);
});

it('knows a text that was sought before it was added', () => {
  const column = new TextColumn();
  expect([column.find('a'), column.push('a'), column.find('a'), column.push('a'), column.find('a')]).toEqual([
    -1, 0, 0, 1, 0,
  ]);
  expect([column.find('b'), column.find('c'), column.push('b'), column.numberOf('c'), column.push('c')]).toEqual([
    -1, -1, 2, 3, 4,
  ]);
  expect([...column]).toEqual(['a', 'a', 'b', 'c', 'c']);
});

it('keeps equal texts that are pushed, and finds the first', () => {
  const column = new TextColumn();
  expect(['a', '', 'a', 'b', ''].map((text) => column.push(text))).toEqual([0, 1, 2, 3, 4]);
  expect([column.find('a'), column.find(''), column.find('b'), column.find('c')]).toEqual([0, 1, 3, -1]);
  expect([column.at(2), column.at(4), column.at(5), column.at(-1)]).toEqual(['a', '', undefined, undefined]);
});

it('holds texts longer than its room', () => {
  const column = new TextColumn();
  const texts = ['ä'.repeat(5000), 'x'.repeat(50_000), 'a\ud800b'];
  for (const text of texts) column.push(text);
  expect([...column]).toEqual([texts[0], texts[1], 'a\ufffdb']);
});
