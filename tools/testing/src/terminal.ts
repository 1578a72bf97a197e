import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { promisify } from 'node:util';
// Microsoft's node-pty, packed so that npm alone installs it: prebuilt, without an install script.
import { spawn } from '@lydell/node-pty';

/** A program in a pseudo-terminal, as somebody's shell starts it: keys reach the whole process group. */
export interface Terminal {
  /** Everything printed so far. */
  readonly output: string;
  /** Types: `\x03` is Ctrl-C. */
  press(keys: string): void;
  /** Waits until what was printed since the last match matches. @throws {Error} with the output when the program ends or a time is over before. */
  waitFor(pattern: RegExp): Promise<void>;
  /** The deepest process whose command line matches: the program itself below pnpm and its shell. */
  processOf(pattern: RegExp): Promise<number>;
  /**
   * Waits for the end. @returns the exit code that a shell shows: 128 and the signal's number when one ended the program. @throws {Error} with the output when
   * a time is over before; the program is killed then.
   */
  exitCode(): Promise<number>;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Longest wait for a pattern or the end, ms: a guard against hangs. Default 120 000. */
  readonly patience?: number;
}

/** Starts a program in a pseudo-terminal of 160 columns. */
export function openTerminal(
  program: string,
  words: readonly string[],
  { cwd, env = process.env, patience = 120_000 }: TerminalOptions,
): Terminal {
  const child = spawn(program, [...words], { cwd, env: { ...env }, cols: 160, rows: 50, name: 'xterm' });
  let output = '';
  let seen = 0;
  let ended: number | undefined;
  const listeners = new Set<() => void>();
  const wake = () => {
    for (const listener of listeners) listener();
  };
  child.onData((data) => {
    output += data;
    wake();
  });
  child.onExit(({ exitCode, signal }) => {
    ended = signal ? 128 + signal : exitCode;
    wake();
  });
  /** Waits until `look` finds something in what is printed or in the end of the program. */
  const until = <T>(what: string, look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        listeners.delete(check);
      };
      const fail = (problem: string) => {
        finish();
        if (ended === undefined) process.kill(-child.pid, 'SIGKILL');
        reject(new Error(`${problem} before ${what}:\n${output}`));
      };
      const check = () => {
        const found = look();
        if (found !== undefined) {
          finish();
          resolve(found);
        } else if (ended !== undefined) fail(`ended with ${ended}`);
      };
      const timer = setTimeout(() => fail(`${patience} ms passed`), patience);
      listeners.add(check);
      check();
    });
  return {
    get output() {
      return output;
    },
    press: (keys) => child.write(keys),
    exitCode: () => until('the end', () => ended),
    waitFor: async (pattern) => {
      seen += await until(String(pattern), () => {
        const found = pattern.exec(output.slice(seen));
        return found ? found.index + found[0].length : undefined;
      });
    },
    processOf: async (pattern) => {
      const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
      const processes = stdout.split('\n').flatMap((line) => {
        const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
        return pid ? [{ pid: Number(pid), parent: Number(parent), args }] : [];
      });
      let found: number | undefined;
      const walk = (pid: number) => {
        for (const child of processes.filter(({ parent }) => parent === pid)) {
          if (pattern.test(child.args)) found = child.pid;
          walk(child.pid);
        }
      };
      walk(child.pid);
      if (found === undefined) throw new Error(`no process ${pattern} below ${child.pid}`);
      return found;
    },
  };
}

/** What a shell shows after a program that a signal ended. */
export const exitCodeOf = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): number => 128 + constants.signals[signal];
