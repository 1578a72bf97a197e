// What the workspace can be asked to run: its packages and their scripts, and what each script's command knows.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

const read = (folder) => ({ folder, ...JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) });
export const manifest = read('.');
/** Packages by name. */
export const packages = new Map(
  ['packages', 'apps', 'tools']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => [read(folder).name, read(folder)]),
);

/**
 * Follows a script that only calls another package's.
 *
 * @returns {{ owner: object, name: string, command: string } | undefined} the script that does the work.
 */
export function findScript(owner, name) {
  const command = owner.scripts?.[name];
  if (command === undefined) return undefined;
  const called = /^(?:.*&& )?pnpm (?:-C|--filter) (\S+) (\S+)$/.exec(command);
  const next = called && [...packages.values()].find(({ folder, name: is }) => [folder, is].includes(called[1]));
  return next ? findScript(next, called[2]) : { owner, name, command };
}

const helps = new Map();
/**
 * The `--help` of a script, asked once.
 *
 * @param args  the words after the script; the first may name a command of the program.
 * @returns {Promise<{ text: string, code: number } | undefined>} undefined for a script that has none.
 */
export function helpOf({ owner, command }, args) {
  const app = /src\/main\.ts \S+$/.test(command);
  if (!app && !/run-command\.mjs/.test(command)) return undefined;
  const subcommand = !app && args[0] && /^[a-z]/.test(args[0]) ? [args[0]] : [];
  const key = `${owner.folder} ${command} ${subcommand}`;
  if (!helps.has(key)) helps.set(key, run(owner, command, [...subcommand, '--help']));
  return helps.get(key);
}

async function run(owner, command, args) {
  const [, ...words] = command.split(' ');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...words, ...args], {
      cwd: join(root, owner.folder),
    });
    return { text: stdout, code: 0 };
  } catch (error) {
    return { text: `${error.stdout}${error.stderr}`, code: error.code };
  }
}
