import { expect, test } from 'vitest';
import { exitCodeOf, openTerminal } from './terminal.js';

const cwd = import.meta.dirname;

test('Ctrl-C reaches the whole process group, and the exit code is what a shell shows', async () => {
  const terminal = openTerminal('sh', ['-c', 'echo ready; sleep 100; echo after'], { cwd });
  await terminal.waitFor(/ready/);
  expect(await terminal.processOf(/sleep 100/)).toBeGreaterThan(1);
  terminal.press('\x03');
  expect(await terminal.exitCode()).toBe(exitCodeOf('SIGINT'));
  expect(terminal.output).not.toContain('after');
});

test('an early end, or a process that is not there, is told with what was printed', async () => {
  const terminal = openTerminal('sh', ['-c', 'echo one; exit 3'], { cwd });
  await expect(terminal.waitFor(/two/)).rejects.toThrow(/ended with 3 before \/two\/:\none/);
  await expect(terminal.processOf(/sleep/)).rejects.toThrow('no process /sleep/');
  expect(await terminal.exitCode()).toBe(3);
});
