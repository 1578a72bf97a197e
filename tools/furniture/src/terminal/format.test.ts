import { expect, it } from 'vitest';
import { alignColumns } from './align-columns.js';
import { formatBytes } from './format-bytes.js';
import { formatDuration } from './format-duration.js';
import { formatTable } from './format-table.js';

it.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.5, '1 min 00 s'],
  [125, '2 min 05 s'],
  [11_520, '3 h 12 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it.each([
  [348_160, '340 KiB'],
  [19 << 20, '19 MiB'],
  [1.25 * 2 ** 30, '1.3 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('names stand to the left, figures to the right, and no line ends in spaces', () => {
  const rows = [
    ['split', 'records', ''],
    ['val', '7', '12'],
    ['testA', '1234', ''],
  ];
  expect(alignColumns(rows)).toBe('split  records\nval          7  12\ntestA     1234');
  expect(alignColumns(rows.slice(1), '  ')).toBe('  val       7  12\n  testA  1234');
});

it('a table has a rule below its header', () => {
  const table = formatTable(
    ['split', 'n'],
    [
      ['val', '12'],
      ['a longer name', '3'],
    ],
  );
  expect(table).toBe(
    [
      'split           n', //
      '─────────────  ──',
      'val            12',
      'a longer name   3',
    ].join('\n'),
  );
});
