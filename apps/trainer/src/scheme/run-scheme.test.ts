import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@refclip/app-shared';
import { beforeEach, expect, test } from 'vitest';
import type { RunApplication } from './run-application.js';
import { runScheme, type SchemeOptions } from './run-scheme.js';
import { schemeTable } from './scheme-table.js';

let options: Omit<SchemeOptions, 'runApplication'>;
let calls: string[];

/** Answers as the applications do. */
const answer: RunApplication = async (application, words) => {
  calls.push(`${application} ${words.join(' ')}`);
  if (application === 'pseudo-labeler') return { seconds: 2, files: { simrec: ['/labels.json'] } };
  const accuracy = words.some((word) => word.startsWith('supervision.labels')) ? 40 : 50;
  const baselines = words.includes(options.teacher.file) ? { val: { randomAnchor: 9 } } : {};
  return { seconds: 3, weights: '/best.safetensors', splits: { val: { accuracy, count: 5 } }, baselines };
};

beforeEach(async () => {
  calls = [];
  const folder = await mkdtemp(join(tmpdir(), 'refclip-scheme-'));
  const read = async (name: string) => {
    const file = join(folder, `${name}.yaml`);
    await writeFile(
      file,
      `name: ${name}\nruns: runs\nmodel: { name: ${name} }\ndata: { annotations: a.json, images: images }\ndetector: { weights: null, cache: { directory: cache } }\n`,
    );
    return { file, config: await loadConfig(file) };
  };
  const [teacher, student] = [await read('refclip'), await read('simrec')];
  options = { run: join(folder, 'run'), teacher, students: [student], set: ['training.epochs=1'] };
});

test('trains the teacher, labels with its weights, and trains the student on the labels and on the true boxes', async () => {
  const result = await runScheme({ ...options, runApplication: answer });
  expect(calls.map((call) => call.split(' ')[0])).toEqual(['trainer', 'pseudo-labeler', 'trainer', 'trainer']);
  expect(calls[1]).toContain('--weights /best.safetensors');
  expect(calls[1]).toContain('--policy ref');
  expect(calls[2]).toContain('--set supervision.labels=/labels.json');
  expect(calls[3]).not.toContain('supervision');
  for (const call of [calls[0], calls[2], calls[3]]) expect(call).toContain('--set training.epochs=1');
  expect(result.rows.map(({ supervision, accuracy }) => [supervision, accuracy.val])).toEqual([
    ['none', 50],
    ['pseudo-labels', 40],
    ['true boxes', 50],
  ]);
  expect(schemeTable(result).split('\n').at(-1)).toBe('| random anchor | – | 9.00 | – | – |');
});

test('after a failure the same command goes on, and a complete stage is not repeated', async () => {
  const failing: RunApplication = (application, words) =>
    application === 'pseudo-labeler' ? Promise.reject(new Error('no room')) : answer(application, words);
  await expect(runScheme({ ...options, runApplication: failing })).rejects.toThrow('no room');
  await runScheme({ ...options, runApplication: answer });
  expect(calls.filter((call) => call.includes(options.teacher.file) && call.startsWith('trainer'))).toHaveLength(1);
  const before = calls.length;
  await runScheme({ ...options, runApplication: answer });
  expect(calls).toHaveLength(before);
  const others = { ...options, set: ['training.epochs=2'], runApplication: answer };
  await expect(runScheme(others)).rejects.toThrow('other settings');
});

test('a trunk without weights is pre-trained first, where the configuration says how', async () => {
  const [student] = options.students as [SchemeOptions['students'][number]];
  const weights = join(options.run, 'trunk.safetensors');
  const pretraining = {
    epochs: 1,
    batchSize: 2,
    learningRate: 1e-3,
    warmupSteps: 0,
    clipNorm: 1,
    seed: 1,
    from: null,
    output: weights,
  };
  const config = { ...student.config, detector: { ...student.config.detector, weights }, pretraining };
  await runScheme({ ...options, students: [{ ...student, config }], runApplication: answer });
  expect(calls.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
    'trainer start',
    'pseudo-labeler start',
    'trainer pretrain',
    'trainer start',
    'trainer start',
  ]);
});

test('students of other data are refused', async () => {
  const [student] = options.students as [SchemeOptions['students'][number]];
  const data = { ...student.config.data, annotations: '/b.json' };
  const students = [{ ...student, config: { ...student.config, data } }];
  await expect(runScheme({ ...options, students, runApplication: answer })).rejects.toThrow('data.annotations');
});
