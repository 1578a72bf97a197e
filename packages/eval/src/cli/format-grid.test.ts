import { expect, it } from 'vitest';
import { formatGrid, type Grid } from './format-grid.js';
import { shortNames } from './write-page.js';

const grid: Grid = {
  columns: ['file', 'Acc@0.5', 'p'],
  digits: [0, 2, 3],
  rows: [
    ['a,"b"_50%.jsonl', 61.23456789, 0.5],
    ['c|d\n', Number.NaN, undefined],
  ],
};

it('writes CSV with all digits, quoted where needed', () => {
  expect(formatGrid(grid, 'csv')).toBe('file,Acc@0.5,p\n"a,""b""_50%.jsonl",61.23456789,0.5\n"c|d\n",,\n');
});

it('writes a Markdown table', () => {
  expect(formatGrid(grid, 'markdown')).toBe(
    '| file | Acc@0.5 | p |\n| --- | ---: | ---: |\n| a,"b"\\_50%.jsonl | 61.23 | 0.500 |\n| c\\|d  | – | – |\n',
  );
});

it('writes a LaTeX tabular whose special characters are escaped', () => {
  const latex = formatGrid({ ...grid, columns: ['~^\\', 'a<b', '#{}'] }, 'latex');
  expect(latex).toContain('\\begin{tabular}{lrr}\n  \\toprule\n');
  expect(latex).toContain(
    '  \\textasciitilde{}\\textasciicircum{}\\textbackslash{} & a\\textless{}b & \\#\\{\\} \\\\\n',
  );
  expect(latex).toContain('  a,"b"\\_50\\%.jsonl & 61.23 & 0.500 \\\\\n');
});

it('names files by as much of their paths as tells them apart', () => {
  expect(shortNames(['runs/a/val.jsonl', 'runs/b/val.jsonl'])).toEqual(['a/val.jsonl', 'b/val.jsonl']);
  expect(shortNames(['x/a.jsonl', 'x/b.jsonl'])).toEqual(['a.jsonl', 'b.jsonl']);
  expect(shortNames(['a', 'a'])).toEqual(['a', 'a']);
});
