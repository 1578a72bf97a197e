import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { InterruptedError, userDirectory } from '@refclip/app-shared';
import { RefclipError } from '@refclip/structures';

/** The applications that a scheme calls. */
export type ApplicationName = 'trainer' | 'pseudo-labeler';

/** Runs one command of an application and gives the JSON that its standard output ends with. */
export type RunApplication = (application: ApplicationName, words: readonly string[]) => Promise<unknown>;

/**
 * A command in a process of its own: its memory is free afterwards, and a signal from the terminal reaches it. What it says is passed on to standard error.
 *
 * @param words  with `--json` among them.
 * @throws {InterruptedError} when a signal stopped it; {RefclipError} when it failed, or printed no JSON.
 */
export const runApplication: RunApplication = async (application, words) => {
  const folder = fileURLToPath(new URL(`../../../${application}/`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@refclip/source', '--import', 'tsx', 'src/main.ts', ...words], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: userDirectory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  // A terminal sends its signal to both processes; this one waits until the other has saved.
  const wait = () => {};
  const pass = () => void child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  let last = '';
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (last) process.stderr.write(`${last}\n`);
      last = line;
    }
    const code = await ended;
    if (code === 129 || code === 130 || code === 143)
      throw new InterruptedError('interrupted; the same command continues.', code);
    if (code !== 0) {
      throw new RefclipError(
        'file',
        `${application} ${words[0]} failed (exit code ${code ?? 'none'}); what was wrong stands above. Afterwards the same command goes on from here.`,
      );
    }
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', pass);
  }
  try {
    return JSON.parse(last);
  } catch (cause) {
    throw new RefclipError('usage', `internal: ${application} ${words[0]} ended without JSON.`, { cause });
  }
};
