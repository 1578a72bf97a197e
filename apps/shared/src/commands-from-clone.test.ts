import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const { packageManager, scripts }: { readonly packageManager: string; readonly scripts: Record<string, string> } =
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A root script as pnpm runs it: in the workspace, with the caller's folder in `INIT_CWD`. */
function runScript(name: string, args: readonly string[], folder: string) {
  const [program, ...given] = (scripts[name] ?? '').split(' ');
  expect(program).toBe('node');
  const env = { ...process.env, INIT_CWD: folder };
  return spawnSync(process.execPath, [...given, ...args], { cwd: root, env, encoding: 'utf8' });
}

describe('a package command from a clone', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'refclip-clone-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has a root script for each bin of a package', () => {
    const bins = ['data', 'eval', 'text', 'runtime'].flatMap((name) =>
      Object.keys(JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).bin),
    );
    expect(Object.keys(scripts).filter((name) => name.startsWith('refclip-'))).toEqual(bins);
  });

  it.each(['refclip-data', 'refclip-eval', 'refclip-text', 'refclip-runtime'])('%s answers --help', (name) => {
    const { status, stdout, stderr } = runScript(name, ['--help'], folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Usage: ${name}`);
  });

  it.each([
    ['refclip-data', ['check', '--help']],
    ['refclip-eval', ['score', '--help']],
    ['refclip-text', ['vectors', '--help']],
    ['refclip-runtime', ['--help']],
  ])('%s gives examples that run as they are printed', (name, args) => {
    const { stdout } = runScript(name, args, folder);
    const examples = stdout
      .slice(stdout.indexOf('Example'))
      .split('\n')
      .filter((line) => line.includes(`${name} `));
    expect(examples.length).toBeGreaterThan(0);
    const begin = `npx --yes ${packageManager} ${name} `;
    expect(examples.filter((line) => !line.trim().replace('$ ', '').startsWith(begin))).toEqual([]);
  });

  it('names the next command so that it runs as it is printed', () => {
    const sizes = ['--train', '2', '--val', '1', '--test-a', '1', '--test-b', '1', '--size', '64'];
    const { status, stdout } = runScript('refclip-data', ['synthesize', '--output', 'scenes', ...sizes], folder);
    const next = stdout.split('\n').find((line) => line.startsWith('next: ')) ?? '';
    const command = `npx --yes ${packageManager} refclip-data `;
    expect({ status, begins: next.slice(6, 6 + command.length) }).toEqual({ status: 0, begins: command });
    expect(runScript('refclip-data', next.slice(6 + command.length).split(' '), folder).status).toBe(0);
  });

  it('reads files of the caller’s folder and keeps the exit code', () => {
    const rows = [0, 1, 2, 3].map((id) => {
      const box = id < 3 ? [0, 0, 10, 10] : [0, 0, 3, 10];
      return JSON.stringify({ id, imageId: id, split: 'val', box, boxFormat: 'xyxy', truth: [0, 0, 10, 10] });
    });
    writeFileSync(join(folder, 'predictions.jsonl'), `${rows.join('\n')}\n`);
    const score = ['score', '--predictions', 'predictions.jsonl', '--json'];
    const good = runScript('refclip-eval', score, folder);
    expect(JSON.parse(good.stdout.trim().split('\n').at(-1) ?? '').accuracy['0.5']).toBe(75);
    expect(good.status).toBe(0);
    expect(runScript('refclip-eval', [...score, '--min-accuracy', '80'], folder).status).toBe(1);
    expect(runScript('refclip-eval', [...score, '--nope'], folder).status).toBe(2);
  });
});
