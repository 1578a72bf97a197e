import { expect, it } from 'vitest';
import { commandsInOutput, extractCommands, splitWords } from './extract-commands.mjs';

const page = [
  '# Page', // 1
  'Run `npx --yes pnpm@1.2.3 start`, not `trainer` or `refclip-data` alone.',
  '```sh',
  'npx --yes pnpm@1.2.3 test   # all tests',
  'npx --yes pnpm@1.2.3 start --json \\', // 5
  '  --set a=1',
  '```',
  '',
  '  ```sh needs-data',
  '  for set in a b; do', // 10
  '    npx --yes pnpm@1.2.3 refclip-data check $set.json',
  '  done',
  '  ```',
  '```',
  'output, not a command', // 15
  '```',
].join('\n');

it('takes commands from blocks and sentences, joined lines as one, without comments and loops', () => {
  expect(extractCommands(page)).toEqual({
    commands: [
      { line: 2, command: 'npx --yes pnpm@1.2.3 start', mark: undefined, inSentence: true },
      { line: 4, command: 'npx --yes pnpm@1.2.3 test', mark: undefined, inSentence: false },
      { line: 6, command: 'npx --yes pnpm@1.2.3 start --json --set a=1', mark: undefined, inSentence: false },
      { line: 11, command: 'npx --yes pnpm@1.2.3 refclip-data check $set.json', mark: 'needs-data', inSentence: false },
    ],
    problems: [],
  });
});

it('refuses marks that it does not know and commands in blocks without a language', () => {
  expect(extractCommands('```sh slow\nls\n```').problems).toEqual([
    '1: unknown mark slow; expected one of needs-data, needs-weights, needs-gpu, npm, template',
  ]);
  expect(extractCommands('```\npnpm start\n```').problems).toEqual([
    '2: a command in a block without a language; begin the block with ```sh',
  ]);
});

it('splits words as a shell does', () => {
  expect(splitWords(`A=1 npx x --set "a={b: c}" 'left circle' d="e f"`)).toEqual({
    environment: { A: '1' },
    words: ['npx', 'x', '--set', 'a={b: c}', 'left circle', 'd=e f'],
  });
});

it('takes examples and next lines from what a program prints', () => {
  expect(
    commandsInOutput('Examples:\n  $ npx @refclip/data check a\n  npx --yes x y\nnext: npx z\nUsage: npx\n'),
  ).toEqual(['npx @refclip/data check a', 'npx --yes x y', 'npx z']);
});
