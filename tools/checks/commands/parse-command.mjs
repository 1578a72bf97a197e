// Whether a command can be run at all: its program is there, its script exists, its flags are known.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitWords } from './extract-commands.mjs';
import { findScript, helpOf, manifest, packages, root } from './workspace.mjs';

/** What pnpm itself answers. */
const builtIn = new Set(['install', 'add', 'changeset']);

/**
 * @param {string} command  may be a synopsis: `[--flag VALUE]…`.
 * @returns {Promise<{ problem: string } | { script?: object, args: string[], environment: object, form: 'clone' | 'npm' }>}
 */
export async function parseCommand(command) {
  const { environment, words } = splitWords(command.replace(/\[(--[^\]]*)\]…?/g, '$1'));
  const [program, ...rest] = words;
  if (program === 'npm') return parseInstall(rest, environment);
  if (program !== 'npx') return { problem: `begins with ${program}; a machine with Node alone has npx, npm and node` };
  if (rest[0] === '--yes' && rest[1] === manifest.packageManager) return parsePnpm(rest.slice(2), environment);
  return parseNpx(rest, environment);
}

function parseInstall([verb, ...names], environment) {
  const known = (name) => packages.has(name) || readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').includes(name);
  const unknown = names.filter((name) => !/^-|^…$/.test(name) && !known(name));
  if (verb !== 'install' || unknown.length) return { problem: `npm ${verb} ${unknown.join(' ')}: unknown here` };
  return { args: names, environment, form: 'npm' };
}

async function parsePnpm(words, environment) {
  let owner = manifest;
  let [script, ...args] = words;
  if (script === '--filter' || script === '-C') {
    const which = args[0];
    if (which === undefined || which === '…') return { args: [], environment, form: 'clone' };
    owner = [...packages.values()].find(({ name, folder }) => (script === '-C' ? folder : name) === which);
    if (!owner) return { problem: `no package ${which} in the workspace` };
    [script, ...args] = args.slice(1);
  }
  if (script === '…' || script === undefined) return { args: [], environment, form: 'clone' };
  if (builtIn.has(script)) return { args, environment, form: 'clone' };
  const found = findScript(owner, script);
  if (!found) return { problem: `no script ${script} in ${owner.folder}/package.json` };
  return (await judgeFlags(found, args)) ?? { script: found, args, environment, form: 'clone' };
}

async function parseNpx(words, environment) {
  const rest = words[0] === '--package' ? words.slice(2) : words;
  const name = rest[0]?.startsWith('@refclip/') ? Object.keys(packages.get(rest[0])?.bin ?? {})[0] : rest[0];
  const script = name && manifest.scripts[name] && findScript(manifest, name);
  if (!script) return { problem: `npx ${words.slice(0, 2).join(' ')}: no such command here` };
  return (await judgeFlags(script, rest.slice(1))) ?? { script, args: rest.slice(1), environment, form: 'npm' };
}

/** Flags that the command's `--help` does not name; without a help, that do not occur in the script's source. */
async function judgeFlags(script, args) {
  const flags = args.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0]);
  const help = await helpOf(script, args);
  if (help && help.code !== 0) return { problem: `--help ended with ${help.code}: ${help.text.trim().split('\n')[0]}` };
  const source = help
    ? help.text
    : (script.command.match(/\S+\.(ts|mjs)\b/g) ?? [])
        .map((file) => readFileSync(join(root, script.owner.folder, file), 'utf8'))
        .join('\n');
  const known = (flag) =>
    help
      ? new RegExp(`${flag}(?![a-z-])`).test(source)
      : [flag.slice(2), flag.replace(/^--no-|^--/, '')].some((name) =>
          new RegExp(`--${name}(?![\\w-])|(?<![\\w-])['"]?${name}['"]?: \\{`).test(source),
        );
  const unknown = [...new Set(flags)].filter((flag) => !known(flag));
  return unknown.length ? { problem: `unknown ${unknown.join(', ')} of ${script.name}` } : undefined;
}
