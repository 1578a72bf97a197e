import { Command } from 'commander';
import { expect, test } from 'vitest';
import { runProgram } from './run-program.js';

/** What a program with one command answers. */
async function run(...words: string[]) {
  let errors = '';
  let ran = false;
  const program = new Command('program');
  program
    .command('ask')
    .configureOutput({ writeErr: (text) => (errors += text), writeOut: () => {} })
    .requiredOption('--image <file>')
    .requiredOption('--weights <file>')
    .option('--json')
    .argument('[words...]')
    .action(() => {
      ran = true;
    });
  const code = await runProgram(program, words);
  return { code, errors, ran };
}

test('a mistyped option is named before a required one is missed', async () => {
  const { code, errors } = await run('ask', '--img', 'a.jpg', '--weights=w');
  expect(code).toBe(2);
  expect(errors).toContain("unknown option '--img'\n(Did you mean --image?)");
  expect(errors).not.toContain('required option');
  expect((await run('ask', '--somethingelse')).errors).not.toContain('Did you mean');
});

test('known options, their values, what follows -- and --help pass', async () => {
  expect(await run('ask', '--image', '--odd', '--weights=w', '--json', '--', '--img')).toEqual({
    code: 0,
    errors: '',
    ran: true,
  });
  expect((await run('ask', '--help')).code).toBe(0);
  expect((await run('ask', '--image', 'a')).errors).toContain("required option '--weights <file>' not specified");
});
