import type { Command, Option } from 'commander';
import { closest, distance } from 'fastest-levenshtein';

/** A suggestion is that near to what was typed, in letters changed. */
const nearest = 3;

/**
 * That a command knows every long option it is given and is given all that it requires. Commander says so too, but only the first of them, and only after it has
 * missed required ones: `--img` would be answered by "required option --image not specified".
 *
 * @throws {CommanderError} naming all that are unknown and what may be meant, or all that are missing; it is printed.
 */
export function assertOptions(program: Command, words: readonly string[]): void {
  const [command, rest] = commandOf(program, words);
  // Without an action of its own, what is missing is the name of a command: the parser says so.
  if (command.commands.length > 0) return;
  const { unknown, given } = readOptions(command.options, rest);
  if (given.has('--help')) return;
  if (unknown.length > 0) {
    const known = command.options.flatMap(({ long }) => long ?? []);
    const meant = unknown.flatMap((flag) => {
      const candidate = known.length ? closest(flag, known) : flag;
      return distance(flag, candidate) <= nearest && candidate !== flag ? [candidate] : [];
    });
    const hint = meant.length > 0 ? `\n(Did you mean ${[...new Set(meant)].join(', ')}?)` : '';
    command.error(`error: unknown option${list(unknown)}${hint}`, { code: 'commander.unknownOption' });
  }
  const missing = command.options.filter(
    (option) => option.mandatory && option.defaultValue === undefined && !given.has(option.attributeName()),
  );
  if (missing.length > 0) {
    command.error(`error: required option${list(missing.map(({ flags }) => flags))} not specified`, {
      code: 'commander.missingMandatoryOptionValue',
    });
  }
}

function list(names: readonly string[]): string {
  return `${names.length > 1 ? 's' : ''} ${names.map((name) => `'${name}'`).join(', ')}`;
}

/** The command that the words name, and what follows its name. */
function commandOf(program: Command, words: readonly string[]): readonly [Command, readonly string[]] {
  const [name = '', ...rest] = words;
  const command = program.commands.find((candidate) => candidate.name() === name || candidate.aliases().includes(name));
  return command ? commandOf(command, rest) : [program, words];
}

/** Which long options are unknown, and the attributes of those that are known. A word that is the value of an option is none. */
function readOptions(options: readonly Option[], words: readonly string[]) {
  const known = new Map(
    options.flatMap((option) => [option.long, option.short].map((flag) => [flag, option] as const)),
  );
  const unknown: string[] = [];
  const given = new Set<string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') break;
    const [flag = ''] = word.split('=');
    const option = known.get(flag);
    if (word === '-h' || word === '--help') given.add('--help');
    else if (option) {
      given.add(option.attributeName());
      if (option.required && !word.includes('=')) at++;
    } else if (word.startsWith('--')) unknown.push(flag);
  }
  return { unknown, given };
}
