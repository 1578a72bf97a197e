// Runs commands as they are written, in a clone of HEAD, where there are Node, git and the everyday programs of a shell and nothing else.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judgeRefusal } from './run-small.mjs';
import { root } from './workspace.mjs';

/** Milliseconds that a command may take. */
const longest = 40 * 60_000;

const everyday =
  'sh bash env cat cp mv rm mkdir ls ln chmod touch head tail tr cut sort wc tee dirname basename uname realpath readlink mkfifo sed grep awk find ps date sleep git';

/** @returns a function that runs a command there: what is typed, what the text says that it needs, and `package script` of what it calls. */
export function createFreshClone(folder) {
  const clone = join(folder, 'clone');
  const empty = join(folder, 'empty');
  const bin = join(folder, 'bin');
  execFileSync('git', ['clone', '--quiet', root, clone]);
  mkdirSync(empty);
  mkdirSync(bin);
  for (const name of ['node', 'npm', 'npx']) symlinkSync(join(dirname(process.execPath), name), join(bin, name));
  for (const name of everyday.split(' ')) {
    const program = process.env.PATH.split(':')
      .map((at) => join(at, name))
      .find(existsSync);
    if (program) symlinkSync(program, join(bin, name));
  }
  return (command, mark, key) => {
    if (key === 'refclip-workspace check:commands') return { how: 'checked: it is this check' };
    if (mark === 'template') return { how: 'checked: the reader fills something in' };
    // A loop of the text gives this variable its values; what the caller's pnpm set, e.g. that dependencies are there, is not true of the clone.
    const env = { ...process.env, PATH: bin, set: 'refcoco' };
    for (const name of Object.keys(env)) if (/^(npm_|pnpm|INIT_CWD|NODE_PATH)/i.test(name)) delete env[name];
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: mark === 'npm' ? empty : clone,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longest,
      maxBuffer: 1e9,
    });
    const output = `${stdout}${stderr}`;
    if (mark) return judgeRefusal(status, output, mark);
    const seconds = Math.round((performance.now() - started) / 1000);
    if (status !== 0) return { problem: `ended with ${status} after ${seconds} s:\n${output.trim().slice(-3000)}` };
    return { how: `ran, ${seconds} s`, output: stdout };
  };
}
