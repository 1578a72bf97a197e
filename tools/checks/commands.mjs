// Every command that README, guides and `--help` name: that a machine with Node alone can run it, that its script and flags are there, and that it runs.
// A command whose block is marked (```sh needs-data, needs-weights, needs-gpu, npm) must be refused in plain words where that is missing.
// `--all` runs them as written, in a fresh clone of HEAD; without it, with fewer scenes.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandsInOutput, extractCommands } from './commands/extract-commands.mjs';
import { createFreshClone } from './commands/fresh-clone.mjs';
import { parseCommand } from './commands/parse-command.mjs';
import { runSmall } from './commands/run-small.mjs';
import { helpOf, root } from './commands/workspace.mjs';

const all = process.argv.includes('--all');
const below = (group, file) => readdirSync(join(root, group)).map((name) => `${group}/${name}${file}`);
// A reader's order: later pages use what earlier ones made.
const pages = new Set([
  'README.md',
  'docs/guides/train-a-student.md',
  ...below('docs/guides', ''),
  'docs/gpu.md',
  'docs/performance.md',
  ...[...below('packages', '/README.md'), ...below('apps', '/README.md')].filter((page) => {
    return readdirSync(join(root, page, '..')).includes('README.md');
  }),
  'CONTRIBUTING.md',
]);

let failed = 0;
let count = 0;
const seen = new Set();
function report(where, command, result) {
  count++;
  if (result.problem) failed++;
  console.log(
    `${result.problem ? 'FAILED' : result.how.padEnd(8)}  ${where}  ${command}${result.problem ? `\n  ${result.problem}` : ''}`,
  );
}

/** Commands that a program prints are checked as those of a page are, each once. */
async function checkPrinted(where, output) {
  for (const command of commandsInOutput(output)) {
    if (seen.has(command)) continue;
    seen.add(command);
    const parsed = await parseCommand(command);
    report(where, command, parsed.problem ? parsed : { how: 'checked' });
  }
  for (const [, bare] of output.matchAll(/^\s*(?:\$ |next: )((?:pnpm|refclip-[a-z]+) .*)$/gm)) {
    report(where, bare, { problem: 'begins with a program that a machine with Node alone does not have' });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'refclip-commands-'));
try {
  const runHere = all ? createFreshClone(folder) : undefined;
  for (const page of pages) {
    const { commands, problems } = extractCommands(readFileSync(join(root, page), 'utf8'));
    for (const problem of problems) report(page, '', { problem });
    for (const { line, command, mark, inSentence } of commands) {
      const where = `${page}:${line}`;
      const parsed = await parseCommand(command);
      if (parsed.problem) {
        report(where, command, parsed);
        continue;
      }
      if (mark !== 'npm' && parsed.form === 'npm' && !inSentence) {
        report(where, command, {
          problem: 'the packages are not on npm yet: mark the block npm, or use the form of a clone',
        });
        continue;
      }
      if (parsed.script) {
        const help = await helpOf(parsed.script, parsed.args);
        if (help) await checkPrinted(`--help of ${parsed.script.name}`, help.text);
      }
      const result = inSentence
        ? { how: 'checked' }
        : runHere
          ? runHere(command, mark, parsed.script && `${parsed.script.owner.name} ${parsed.script.name}`)
          : runSmall(parsed, mark, folder);
      report(where, command, result);
      if (result.output) await checkPrinted(`next, after ${where}`, result.output);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`commands: ${count}, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
