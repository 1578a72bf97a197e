// Runs the commands of the texts with fewer scenes and one epoch, in an empty folder, past pnpm: what CI has the time for.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const set = (...entries) => entries.flatMap((entry) => ['--set', entry]);
const sizes = 'seed: 1, imageSize: 256, train: 100, val: 40, testA: 20, testB: 20';

/** `package script` → the arguments of its smaller form, made of those in the text. Others run as written. */
const smaller = {
  'trainer start': (args, folder) => [
    ...args,
    ...set(
      `data.synthesize={directory: ${folder}/data/sample, ${sizes}}`,
      `data.annotations=${folder}/data/sample/annotations.json`,
      `data.images=${folder}/data/sample/images`,
      `detector.cache.directory=${folder}/cache`,
      'training.epochs=1',
      'training.warmupSteps=5',
    ),
  ],
  'trainer ground': (args, folder) => {
    const image = readdirSync(join(folder, 'data/sample/images'))[0];
    return args.map((word, i) => (args[i - 1] === '--image' ? `data/sample/images/${image}` : word));
  },
  'pseudo-labeler start': (args, folder) => [
    ...args,
    ...['--weights', 'runs/first/checkpoints/best.safetensors', '--out', 'runs/first/labels-train'],
    ...set(
      `data.annotations=${folder}/data/sample/annotations.json`,
      `data.images=${folder}/data/sample/images`,
      `detector.cache.directory=${folder}/cache`,
    ),
  ],
};

/** `package script` → why it isn't run here, only checked. */
const onlyChecked = {
  'refclip-workspace test': 'CI runs it by itself',
  'refclip-workspace lint': 'CI runs it by itself',
  'refclip-workspace typecheck': 'CI runs it by itself',
  'refclip-workspace build': 'CI runs it by itself',
  'refclip-workspace check:packages': 'CI runs it by itself',
  'refclip-workspace check:commands': 'it is this check',
  'trainer scheme': 'trains a teacher and four students; its test runs it small',
  '@refclip/text bench': 'writes and reads gigabytes',
};

/**
 * @param {{ script?: object, args: string[], environment: object, form: string }} parsed
 * @param {string | undefined} mark  what the text says that the command needs.
 * @param {string} folder  of the caller, empty at first.
 * @returns {{ how: string, output?: string } | { problem: string }}
 */
export function runSmall({ script, args, environment, form }, mark, folder) {
  if (mark === 'template') return { how: 'checked: the reader fills something in' };
  if (mark === 'npm') return { how: 'checked: runs once the packages are on npm' };
  if (!script) return { how: `checked: ${form === 'npm' ? 'npm' : 'pnpm'} itself` };
  const key = `${script.owner.name} ${script.name}`;
  if (mark === 'needs-gpu') return { how: 'checked: needs a GPU' };
  if (onlyChecked[key]) return { how: `checked: ${onlyChecked[key]}` };
  const given = mark ? args : (smaller[key]?.(args, folder) ?? args);
  const [program, ...words] = script.command.split(' ');
  if (program !== 'node') return { problem: `nothing says how ${key} is run small or why not; see run-small.mjs` };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, ...given], {
    cwd: join(root, script.owner.folder),
    env: { ...process.env, ...environment, INIT_CWD: folder },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
    maxBuffer: 1e9,
  });
  if (mark) return judgeRefusal(status, `${stdout}${stderr}`, mark);
  if (status !== 0) return { problem: `ended with ${status}:\n${`${stdout}${stderr}`.trim().slice(-2000)}` };
  return { how: smaller[key] ? 'ran, smaller' : 'ran', output: stdout };
}

/** A line of JavaScript's stack; native libraries print such lines of their own sources with their warnings. */
const ofStack = /^\s+at .*(?:\.[cm]?[jt]sx?|node:[\w/]+):\d+/m;

/** A command that lacks what its mark says must end with 1 or 2 and words, not with a stack. */
export function judgeRefusal(status, output, mark) {
  const words = output
    .trim()
    .split('\n')
    .filter((line) => line && !line.startsWith('$ '));
  if (status === 0) return { problem: `marked ${mark}, and ran without` };
  if (status !== 1 && status !== 2)
    return { problem: `marked ${mark}, ended with ${status}; expected 1 or 2\n${output.slice(-1000)}` };
  if (words.length === 0 || ofStack.test(output)) {
    return { problem: `marked ${mark}, ended without a clear error:\n${output.slice(-1000)}` };
  }
  return { how: `refused (${status}), as ${mark} says` };
}
