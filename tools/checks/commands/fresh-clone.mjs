// Runs commands as they are written, in a clone of HEAD, where there are Node, git and the everyday programs of a shell and nothing else.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judgeRefusal } from './run-small.mjs';
import { root } from './workspace.mjs';

const everyday =
  'sh bash env cat cp mv rm mkdir ls ln chmod touch head tail tr cut sort wc tee dirname basename uname realpath readlink sed grep awk find ps date sleep git';

/** @returns a function that runs a command there. */
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
  return (command, mark) => {
    if (mark === 'template') return { how: 'checked: the reader fills something in' };
    // A loop of the text gives this variable its values.
    const env = { ...process.env, PATH: bin, set: 'refcoco' };
    for (const name of Object.keys(env)) if (/^(npm_|INIT_CWD|PNPM|NODE_PATH)/.test(name)) delete env[name];
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: mark === 'npm' ? empty : clone,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1e9,
    });
    const output = `${stdout}${stderr}`;
    if (mark) return judgeRefusal(status, output, mark);
    if (status !== 0) return { problem: `ended with ${status}:\n${output.trim().slice(-3000)}` };
    return { how: 'ran', output: stdout };
  };
}
