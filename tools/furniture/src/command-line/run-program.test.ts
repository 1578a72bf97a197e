import { DataFormatError, UsageError } from '@refclip/structures';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgress } from '../terminal/progress.js';
import { InterruptedError } from './interrupted-error.js';
import { interruptedWith, interruptionSignal } from './interruption.js';
import { printJson } from './print-json.js';
import { type RunProgramOptions, runProgram } from './run-program.js';

/** What a program answers whose one command does this. */
async function run(action: () => unknown, words: readonly string[] = ['go'], options: RunProgramOptions = {}) {
  let [out, err] = ['', ''];
  const write = (text: string | Uint8Array) => {
    err += String(text);
    return true;
  };
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: { write },
  };
  const program = new Command('program').option('--quiet');
  program
    .command('go')
    .option('--json')
    .action(async () => void (await action()));
  const code = await runProgram(program, words, { terminal, ...options });
  return { code, out, err, terminal };
}
const fail = (error: unknown) => () => {
  throw error;
};

test.each([
  [new UsageError('a and b go together.'), 2, 'error: a and b go together.\n', 'usage'],
  [
    new DataFormatError({ file: 'a.json' }, 'holds no records.'),
    1,
    'error: a.json: holds no records.\n',
    'data-format',
  ],
  [new InterruptedError('kept; --resume continues.', 143), 143, 'kept; --resume continues.\n', 'interrupted'],
  [
    Object.assign(new Error('write'), { code: 'ENOSPC', syscall: 'write' }),
    1,
    'error: a file: cannot be written: the disk is full. Free some space or choose a folder elsewhere (ENOSPC).\n',
    'file',
  ],
  [
    Object.assign(new Error('open'), { code: 'ENOENT', syscall: 'open', path: '/none/a.jpg' }),
    1,
    'error: /none/a.jpg: is not there. Check the path (ENOENT).\n',
    'file',
  ],
])('%s ends with %d', async (error, code, err, kind) => {
  expect(await run(fail(error))).toMatchObject({ code, err, out: '' });
  const json = await run(fail(error), ['go', '--json']);
  const { error: message, ...rest } = JSON.parse(json.out);
  expect([json.code, rest, err]).toEqual([code, { kind }, expect.stringContaining(message)]);
});

test('a fault of the program says so, with where it was', async () => {
  const { code, err } = await run(fail(new RangeError('odd')));
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^unexpected error, please report it: RangeError: odd\n +at /),
  ]);
});

test('what a command printed for programs stays the last line when it fails afterwards', async () => {
  let printed = '';
  const terminal = {
    out: (text: string) => {
      printed += text;
    },
    err: { write: () => true },
  };
  const words = ['go', '--json'];
  const answer = () => {
    printJson({ box: [] }, terminal);
    throw new UsageError('the picture cannot be written.');
  };
  expect((await run(answer, words, { terminal })).code).toBe(2);
  expect(printed).toBe('{"box":[]}\n');
  // And what an earlier command printed is no answer of the next one.
  await run(fail(new UsageError('no.')), words, { terminal });
  expect(printed).toBe('{"box":[]}\n{"error":"no.","kind":"usage"}\n');
});

test('help and no error end with 0, no command and an unknown one with 2', async () => {
  expect(await run(() => {})).toMatchObject({ code: 0, out: '', err: '' });
  const help = await run(() => {}, ['--help']);
  expect([help.code, help.out]).toEqual([0, expect.stringContaining('Usage: program')]);
  expect((await run(() => {}, [])).code).toBe(2);
  expect((await run(() => {}, ['stop'])).code).toBe(2);
});

test('a signal asks a command that can be continued to stop, and ends with its code', async () => {
  const wait = async () => {
    process.kill(process.pid, 'SIGTERM');
    await new Promise((resolve) => interruptionSignal().addEventListener('abort', resolve, { once: true }));
    throw interruptedWith('saved after step 3.');
  };
  const before = process.listenerCount('SIGTERM');
  const { code, err } = await run(wait, ['go'], { continues: true });
  const said =
    '\ninterrupted: finishing what is under way and saving; once more to stop at once\nsaved after step 3.\n';
  expect([code, err, process.listenerCount('SIGTERM')]).toEqual([143, said, before]);
});

test('a bar of work that failed is taken away', async () => {
  const screen: string[] = [];
  const err = { isTTY: true, write: (text: string | Uint8Array) => screen.push(String(text)) > 0 };
  const terminal = { out: () => {}, err };
  const { code } = await run(
    () => {
      createProgress('reading', 10, 'files', { terminal }).update(3);
      throw new UsageError('no.');
    },
    ['go'],
    { terminal },
  );
  expect(code).toBe(2);
  expect(screen.join('')).toContain('\x1B[?25h');
});
