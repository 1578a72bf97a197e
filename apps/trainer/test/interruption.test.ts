import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf, openTerminal, type Terminal } from '@refclip/testing/terminal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import rootPackage from '../../../package.json' with { type: 'json' };

// Interrupted as a terminal does it: keys reach pnpm, its shell and the program alike, and a step blocks the program's thread for a second and more.

const root = join(import.meta.dirname, '../../..');
const pnpm = ['--yes', rootPackage.packageManager];
const ctrlC = '\x03';
/** A guard against hangs, ms: nine programs one after the other. */
const patience = 900_000;
const program = /^\S*node .*src\/main\.ts/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-interruption-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A command of the repository as README and guides write it. */
const open = (...words: readonly string[]): Terminal => openTerminal('npx', [...pnpm, ...words], { cwd: root });

/** The sample, shorter, in a folder of its own; three steps an epoch, of more than a second. */
const flags = (name: string): readonly string[] => {
  const own = join(folder, name);
  const settings = {
    'data.synthesize': `{directory: ${own}/scenes, seed: 1, imageSize: 256, train: 200, val: 60, testA: 29, testB: 1}`,
    'data.annotations': `${own}/scenes/annotations.json`,
    'data.images': `${own}/scenes/images`,
    'detector.cache.directory': `${own}/cache`,
    'training.epochs': '2',
    'training.batchSize': '128',
    'training.warmupSteps': '4',
    'evaluation.splits': '[val, testA]',
  };
  return ['--run', `${own}/run`, ...Object.entries(settings).flatMap(([path, value]) => ['--set', `${path}=${value}`])];
};

/** Digests of all files of a folder, by name. */
async function digests(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const hashed = files.map(async (file) => {
    const bytes = await readFile(file);
    return [file.slice(path.length + 1), createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries((await Promise.all(hashed)).sort());
}

const halfWritten = async (path: string) =>
  (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.tmp'));

/** What a run is judged by. The state holds the lengths of logs, and these hold seconds: `train.test.ts` compares its tensors. */
async function outcome(name: string): Promise<Record<string, string>> {
  const all = Object.entries(await digests(join(folder, name, 'run')));
  return Object.fromEntries(all.filter(([file]) => /(best|last)\.safetensors$|^predictions/.test(file)));
}

/** The command that an interrupted program prints, without the line breaks of the terminal. */
const printedCommand = ({ output }: Terminal): string => / (?:--filter|-C) .*--resume \S+/.exec(output)?.[0] ?? '';

test('a run interrupted in drawing, detector, epoch and evaluation ends with the bytes of one that was not', {
  timeout: patience,
}, async () => {
  const whole = open('start', ...flags('whole'));
  expect(await whole.exitCode(), whole.output).toBe(0);
  const expected = await outcome('whole');
  expect(Object.keys(expected)).toEqual([
    'checkpoints/best.safetensors',
    'checkpoints/last.safetensors',
    'predictions-testA.jsonl',
    'predictions-val.jsonl',
  ]);

  const drawing = open('start', ...flags('stopped'));
  await drawing.waitFor(/drawing scenes.* [1-9]\d*\/290 images/);
  drawing.press(ctrlC);
  expect(await drawing.exitCode(), drawing.output).toBe(exitCodeOf('SIGINT'));
  expect(drawing.output).toContain('the same command continues with what is there');
  const drawn = await readdir(join(folder, 'stopped/scenes.drawing/images'));
  expect(drawn.length).toBeGreaterThan(0);
  expect(drawn.length).toBeLessThan(290);
  expect(await halfWritten(join(folder, 'stopped'))).toEqual([]);

  const detector = open('-C', 'apps/trainer', 'start', ...flags('stopped'));
  await detector.waitFor(/detector .* [1-9]\d*\/289 images/);
  detector.press(ctrlC);
  expect(await detector.exitCode(), detector.output).toBe(exitCodeOf('SIGINT'));
  expect(detector.output).toContain('the same command continues with what is there');
  expect(await digests(join(folder, 'stopped/scenes'))).toEqual(await digests(join(folder, 'whole/scenes')));
  const [cache = ''] = await readdir(join(folder, 'stopped/cache'));
  expect((await readdir(join(folder, 'stopped/cache', cache))).length).toBeGreaterThan(1);

  const epoch = open('--filter', 'trainer', 'start', ...flags('stopped'));
  await epoch.waitFor(/epoch 1\/2 .* 1\/3 steps/);
  epoch.press(ctrlC);
  await epoch.waitFor(/interrupted: finishing what is under way/);
  expect(await epoch.exitCode(), epoch.output).toBe(exitCodeOf('SIGINT'));
  expect(epoch.output).not.toMatch(/ 3\/3 steps/);
  expect(printedCommand(epoch)).toContain(`--filter trainer start --resume ${folder}/stopped/run`);

  // As printed; this time at the end of an epoch, and with SIGTERM to the program alone.
  const validation = open(...printedCommand(epoch).trim().split(' '));
  await validation.waitFor(/epoch 1\/2 .* 3\/3 steps/);
  process.kill(await validation.processOf(program), 'SIGTERM');
  // pnpm makes another code of it: see docs/guides/train.md.
  expect(await validation.exitCode(), validation.output).toBeGreaterThan(0);
  expect(validation.output).not.toMatch(/epoch 2\/2 .* 2\/3 steps/);
  expect(printedCommand(validation)).toContain('--resume');

  const evaluation = open('start', '--resume', join(folder, 'stopped/run'));
  await evaluation.waitFor(/epoch 2\/2 .* 3\/3 steps[\s\S]*val accuracy/);
  evaluation.press(ctrlC);
  expect(await evaluation.exitCode(), evaluation.output).toBe(exitCodeOf('SIGINT'));
  expect(printedCommand(evaluation)).toContain('--resume');
  expect(await halfWritten(join(folder, 'stopped'))).toEqual([]);

  const rest = open('start', '--resume', join(folder, 'stopped/run'));
  expect(await rest.exitCode(), rest.output).toBe(0);
  expect(await outcome('stopped')).toEqual(expected);
});

test('a labelling that was interrupted ends with the labels of one that was not', async () => {
  const label = (name: string, ...more: readonly string[]) =>
    open(
      ...['--filter', 'pseudo-labeler', 'start', '--annotations', `${folder}/whole/scenes/annotations.json`],
      ...['--images', `${folder}/whole/scenes/images`, '--weights', `${folder}/whole/run/checkpoints/best.safetensors`],
      ...['--out', join(folder, name), ...more],
    );
  const whole = label('labels');
  expect(await whole.exitCode(), whole.output).toBe(0);
  const stopped = label('stopped-labels');
  await stopped.waitFor(/labelling .* [1-9]\d*\/\d+ expressions/);
  stopped.press(ctrlC);
  expect(await stopped.exitCode(), stopped.output).toBe(exitCodeOf('SIGINT'));
  expect(stopped.output).toContain('the same command with --resume');
  expect(await readdir(join(folder, 'stopped-labels'))).toEqual(['labels.jsonl.partial']);
  const rest = label('stopped-labels', '--resume');
  expect(await rest.exitCode(), rest.output).toBe(0);
  expect((await digests(join(folder, 'stopped-labels')))['labels.jsonl']).toBe(
    (await digests(join(folder, 'labels')))['labels.jsonl'],
  );
});

test('a second Ctrl-C ends at once, leaves nothing half-written and a state to resume', async () => {
  const words = ['--run', join(folder, 'twice'), ...flags('whole').slice(2), '--set', 'training.batchSize=256'];
  const terminal = open('start', ...words);
  await terminal.waitFor(/epoch 1\/2/);
  terminal.press(ctrlC);
  await terminal.waitFor(/interrupted: finishing/);
  terminal.press(ctrlC);
  expect(await terminal.exitCode(), terminal.output).toBe(exitCodeOf('SIGINT'));
  expect(await halfWritten(join(folder, 'twice'))).toEqual([]);
  expect(await readdir(join(folder, 'twice/checkpoints'))).toEqual(['state.safetensors']);
});
