import type { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';

/** A suggestion is that near to what was typed, in letters changed. */
const nearest = 3;

/**
 * That a command knows every long option it is given. Commander says so too, but only after it has missed required ones: `--img` would be answered by
 * "required option --image not specified".
 *
 * @throws {CommanderError} naming the first that is unknown and the one that may be meant; it is printed.
 */
export function assertKnownOptions(program: Command, [name, ...words]: readonly string[]): void {
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (!command) return;
  const known = new Map(command.options.map((option) => [option.long ?? '', option]));
  const shorts = new Map(command.options.map((option) => [option.short ?? '', option]));
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') return;
    const [flag = ''] = word.split('=');
    const option = known.get(flag) ?? shorts.get(word);
    if (option) {
      if (option.required && !word.includes('=')) at++;
      continue;
    }
    if (!word.startsWith('--') || flag === '--help') continue;
    const meant = closest(flag, [...known.keys()]);
    const isNear = distance(flag, meant) <= nearest;
    command.error(`error: unknown option '${flag}'${isNear ? `\n(Did you mean ${meant}?)` : ''}`, {
      code: 'commander.unknownOption',
    });
  }
}
