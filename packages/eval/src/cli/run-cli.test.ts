import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
