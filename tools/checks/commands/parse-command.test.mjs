import { expect, it } from 'vitest';
import { parseCommand } from './parse-command.mjs';
import { judgeRefusal } from './run-small.mjs';
import { manifest } from './workspace.mjs';

const clone = `npx --yes ${manifest.packageManager}`;

it.each([
  `${clone} start --json --set a=1`,
  `${clone} --filter trainer start [--config F] [--set a.b=c]… [--resume [DIR]]`,
  `${clone} -C apps/trainer …`,
  `${clone} refclip-eval …`,
  `${clone} bench:full-size --device cuda --no-wasm --rounds 15`,
  'npx @refclip/data check refcoco.json --no-decode',
  'npx --package @refclip/data refclip-data stats refcoco.json --html statistics.html',
  'npm install @refclip/core @tensorflow/tfjs onnxruntime-node',
  'npm install --ignore-scripts …',
])('%s can be run', async (command) => {
  expect(await parseCommand(command)).not.toHaveProperty('problem');
});

it.each([
  ['pnpm start', 'begins with pnpm; a machine with Node alone has npx, npm and node'],
  ['npx --yes pnpm@1.2.3 start', 'npx --yes pnpm@1.2.3: no such command here'],
  [`${clone} begin`, 'no script begin in ./package.json'],
  [`${clone} --filter trainre start`, 'no package trainre in the workspace'],
  [`${clone} --filter trainer start --runs x --josn`, 'unknown --runs, --josn of start'],
  [`${clone} bench:full-size --turns 3`, 'unknown --turns of bench:full-size'],
  ['npx @refclip/nn fit', 'npx @refclip/nn fit: no such command here'],
  ['npm install @refclip/cor', 'npm install @refclip/cor: unknown here'],
])('%s cannot', async (command, problem) => {
  expect(await parseCommand(command)).toEqual({ problem });
});

it('takes for a refusal an end with 1 or 2 and words, and nothing else', () => {
  expect(judgeRefusal(2, 'error: no a.json', 'needs-data')).toEqual({ how: 'refused (2), as needs-data says' });
  expect(judgeRefusal(0, 'done', 'needs-data')).toHaveProperty('problem');
  expect(judgeRefusal(1, '$ node x.mjs\n', 'needs-data')).toHaveProperty('problem');
  expect(judgeRefusal(1, 'Error: x\n    at run (a.mjs:1:2)\n', 'needs-data')).toHaveProperty('problem');
  expect(judgeRefusal(134, 'error: x', 'needs-data')).toHaveProperty('problem');
});
