// Runs a package's command from its sources, in the folder of the caller: `node tools/from-clone/run-command.mjs packages/data/src/cli/refclip-data.ts check refcoco.json`.
// Its exit code is the command's; a command ended by a signal gives 128 and its number, as a shell does.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const [source, ...args] = process.argv.slice(2);
const root = new URL('../../', import.meta.url);
const { packageManager, scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const script = Object.keys(scripts).find((name) => scripts[name].endsWith(` ${source}`)) ?? source;
const node = ['--conditions=@refclip/source', '--import', import.meta.resolve('tsx')];
const command = spawn(process.execPath, [...node, fileURLToPath(new URL(source, root)), ...args], {
  // pnpm runs a script in the workspace and names the caller's folder here.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
  // Examples of --help and "next:" lines take this form (`calledAs` of tools/furniture), which runs where there is no installed pnpm.
  env: { ...process.env, REFCLIP_CALLED_AS: `npx --yes ${packageManager} ${script}` },
});
// A terminal's Ctrl-C reaches the command by itself, what is sent to this process alone does not. The command decides when to end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => command.kill('SIGTERM'));
command.on('error', (error) => {
  console.error(`${source}: ${error.message}`);
  process.exitCode = 1;
});
command.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
