import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-eval-cli-'));
  file = join(folder, 'p.jsonl');
  const line = (id: number, x: number) =>
    JSON.stringify({
      id,
      imageId: id % 2,
      box: [x, 0, x + 10, 10],
      boxFormat: 'xyxy',
      truth: [0, 0, 10, 10],
      expression: 'left dog',
    });
  await writeFile(file, [line(0, 0), line(1, 1), line(2, 9), line(3, 30)].join('\n'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  let [out, error] = ['', ''];
  const code = await runCli(args, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, out, error, json: () => JSON.parse(out.trim().split('\n').at(-1)!) };
}

it('scores, with the promised last line', async () => {
  const { code, json } = await run('score', '--predictions', file, '--thresholds', '0.5,0.9', '--json');
  expect(code).toBe(0);
  expect(json()).toMatchObject({
    count: 4,
    accuracy: { '0.5': 50, '0.9': 25 },
    interval: { level: 0.95, estimate: 50 },
  });
  expect(json().meanIou).toBeCloseTo((1 + 9 / 11 + 1 / 19) / 4, 12);
});

it('counts what the file lacks, and prints a table', async () => {
  expect((await run('score', '--predictions', file, '--count', '8', '--json')).json().accuracy['0.5']).toBe(25);
  const { out } = await run('score', '--predictions', file, '--count', '8');
  expect(out).toMatch(/missing: 4, scored wrong/);
});

it('summarizes several files', async () => {
  const { json } = await run('score', '--predictions', file, '--predictions', file, '--json');
  expect(json().seeds).toMatchObject({ count: 2, mean: 50, standardDeviation: 0 });
});

it('compares two files', async () => {
  const { code, json } = await run('compare', '--predictions', file, '--predictions', file, '--json');
  expect(code).toBe(0);
  expect(json()).toMatchObject({ count: 4, difference: { estimate: 0, pValue: 1 }, mcnemar: { both: 2, neither: 2 } });
});

it('compares several files with the first', async () => {
  const { code, json } = await run('compare', '--predictions', file, file, file, '--json');
  expect([code, json().comparisons.length]).toEqual([0, 2]);
});

it('prints tables for spreadsheets, pages and papers', async () => {
  const lines = async (...args: string[]) => (await run(...args)).out.split('\n');
  const score = ['score', '--predictions', file, '--output'];
  const [header, row] = await lines(...score, 'csv');
  expect(header).toMatch(/^file,expressions,Acc@0.5,interval low,/);
  expect(row).toMatch(new RegExp(`^${file},4,50,`));
  expect((await lines(...score, 'markdown'))[1]).toMatch(/^\| --- \| ---: \|/);
  expect(await lines(...score, 'latex')).toContain('  \\bottomrule');
  expect((await lines('compare', '--predictions', file, file, '--output', 'csv'))[1]).toContain(',4,50,50,0,0,0,1,1');
  expect((await run(...score, 'json')).json().count).toBe(4);
  expect((await run(...score, 'csv', '--json')).code).toBe(2);
});

it('writes report pages, alone and beside the figures', async () => {
  const page = join(folder, 'r.html');
  const alone = await run('report', '--predictions', file, '--out', page, '--title', 'A <title>', '--gallery', '2');
  expect([alone.code, alone.out]).toEqual([0, '']);
  expect(await readFile(page, 'utf8')).toContain('<h1>A &lt;title&gt;</h1>');
  const beside = await run('score', '--predictions', file, '--report', page, '--json');
  expect([beside.code, beside.json().count]).toEqual([0, 4]);
  const both = await run('compare', '--predictions', file, file, '--report', page);
  expect(both.code).toBe(0);
  expect(await readFile(page, 'utf8')).toContain('Side by side');
  expect((await run('report', '--predictions', file)).code).toBe(2);
  expect((await run('report', '--predictions', file, '--out', page, '--images', join(folder, 'none'))).code).toBe(1);
});

it('converts, and scores the same afterwards', async () => {
  const [there, back] = [join(folder, 'p.json'), join(folder, 'back.jsonl')];
  expect((await run('convert', '--predictions', file, '--to', 'per-expression', '--out', there)).code).toBe(0);
  const { code, error } = await run('convert', '--predictions', there, '--to', 'refclip', '--out', back);
  expect([code, error.includes('format per-expression (detected)')]).toEqual([0, true]);
  const [before, after] = [
    await run('score', '--predictions', file, '--json'),
    await run('score', '--predictions', back, '--json'),
  ];
  expect(after.json().meanIou).toBe(before.json().meanIou);
  expect((await run('convert', '--predictions', file, '--to', 'xml', '--out', back)).code).toBe(2);
  expect((await run('convert', '--predictions', file, file, '--to', 'refer', '--out', back)).code).toBe(2);
});

it('guesses what a mistyped flag or command means', async () => {
  const flag = await run('score', '--prediction', file);
  expect([flag.code, flag.error.includes('Did you mean --predictions?')]).toEqual([2, true]);
  const command = await run('scor');
  expect([command.code, command.error.includes('Did you mean score?')]).toEqual([2, true]);
  const choice = await run('score', '--predictions', file, '--format', 'refclp');
  expect([choice.code, choice.error.includes('refclip, per-expression')]).toEqual([2, true]);
});

it('ends with 1 below the minimum and for a malformed file, 2 for wrong usage, 0 for help', async () => {
  expect((await run('score', '--predictions', file, '--min-accuracy', '50')).code).toBe(0);
  expect((await run('score', '--predictions', file, '--min-accuracy', '51')).code).toBe(1);
  await writeFile(join(folder, 'bad.jsonl'), '{"id":1,"box":[1,2');
  const bad = await run('score', '--predictions', join(folder, 'bad.jsonl'));
  expect([bad.code, bad.error.includes('line 1')]).toEqual([1, true]);
  expect((await run('score', '--predictions', join(folder, 'none.jsonl'))).code).toBe(1);
  expect((await run('score')).code).toBe(2);
  expect((await run('score', '--predictions', file, '--iou', 'x')).code).toBe(2);
  expect((await run('score', '--predictions', file, '--count', '1')).code).toBe(2);
  expect((await run('compare', '--predictions', file)).code).toBe(2);
  const help = await run('score', '--help');
  expect([help.code, help.out.includes('Examples:')]).toEqual([0, true]);
});
