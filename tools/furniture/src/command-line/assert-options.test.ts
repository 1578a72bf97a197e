import { Command } from 'commander';
import { expect, test } from 'vitest';
import { runProgram } from './run-program.js';

/** What a program with one command answers. */
async function run(...words: string[]) {
  let [errors, out] = ['', ''];
  let ran = false;
  const program = new Command('program');
  program
    .command('ask')
    .requiredOption('--image <file>')
    .requiredOption('--weights <file>')
    .option('--json')
    .argument('[words...]')
    .action(() => {
      ran = true;
    });
  const write = (text: string | Uint8Array) => {
    errors += String(text);
    return true;
  };
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: { write },
  };
  const code = await runProgram(program, words, { terminal, calledAs: 'npx program' });
  return { code, errors, ran, out };
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
    out: '',
  });
  expect((await run('ask', '--help')).code).toBe(0);
  expect((await run('ask', '--image', 'a')).errors).toContain("required option '--weights <file>' not specified");
});

test('all that are unknown, and all that are missing, are named at once', async () => {
  const unknown = await run('ask', '--img', 'a.jpg', '--wieghts=w', '--xyzzy');
  expect(unknown.errors).toBe(
    "error: unknown options '--img', '--wieghts', '--xyzzy'\n(Did you mean --image, --weights?)\n(see npx program ask --help)\n",
  );
  const missing = await run('ask', '--json');
  expect([missing.code, missing.errors]).toEqual([
    2,
    "error: required options '--image <file>', '--weights <file>' not specified\n(see npx program ask --help)\n",
  ]);
  expect(JSON.parse(missing.out)).toEqual({
    error: "required options '--image <file>', '--weights <file>' not specified",
    kind: 'usage',
  });
});

test('the help says what is required, and a mistyped command is guessed', async () => {
  const { out } = await run('ask', '--img', '--help');
  expect(out).toMatch(/--image <file> +\(required\)/);
  expect(out).not.toMatch(/--json +\(required\)/);
  const { code, errors } = await run('aks');
  expect([code, errors]).toEqual([2, "error: unknown command 'aks'\n(Did you mean ask?)\n(see npx program --help)\n"]);
});
