import { type SelectLabelsOptions, type StudentFormatName, type StudentOptions, studentFormats } from '@refclip/data';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** Flags of every command that writes students' files. */
export interface ExportFlags extends SelectLabelsOptions {
  readonly format: readonly StudentFormatName[];
  readonly masks: boolean;
  readonly transvgName?: StudentOptions['transvgName'];
  readonly splitBy?: StudentOptions['splitBy'];
}

const formatNames = Object.keys(studentFormats) as StudentFormatName[];

/** Adds the flags that choose labels. */
export function addSelectionFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--policy <name>', 'a box for each expression, or for each ref the one its expressions agree on most')
        .choices(['expression', 'ref'])
        .default('expression'),
    )
    .option('--clip', "cut boxes at the image's edges")
    .option('--min-score <similarity>', 'keep labels of at least this similarity', parseNumber)
    .option('--top-fraction <fraction>', 'keep this part of all labels, the most similar ones', parsePositiveFraction)
    .option(
      '--min-agreement <iou>',
      'keep labels whose mean IoU with the other expressions of the ref is at least this; an only expression passes',
      parseFraction,
    );
}

/** Adds the flags that choose formats and labels. */
export function addExportFlags(command: Command): Command {
  command.option('--format <names>', `formats, separated by commas, or all: ${formatNames.join(', ')}`, parseFormats, [
    'simrec',
  ]);
  return addSelectionFlags(command)
    .option('--masks', 'simrec: also an empty mask for each record, which its loader opens', false)
    .addOption(
      new Option(
        '--transvg-name <name>',
        "transvg: the data set's name there; default: by the configuration's name",
      ).choices(['unc', 'unc+', 'gref', 'gref_umd', 'referit', 'flickr']),
    )
    .addOption(
      new Option(
        '--split-by <name>',
        "mattnet: the name in refs(<name>).p; default: by the configuration's name",
      ).choices(['unc', 'google', 'umd', 'berkeley']),
    );
}

/** The formats in text that describes them, for `--help`. */
export function describeFormats(): string {
  const lines = formatNames.map((name) => `  ${name.padEnd(8)} ${studentFormats[name].description}`);
  return `\nFormats (docs/guides/train-a-student.md):\n${lines.join('\n')}\n`;
}

function parseFormats(text: string): StudentFormatName[] {
  if (text === 'all') return formatNames;
  const names = text.split(',').filter(Boolean);
  const unknown = names.filter((name) => !formatNames.some((known) => known === name));
  if (unknown.length || !names.length)
    throw new InvalidArgumentError(
      `${unknown.join(', ') || 'nothing'} is no format; expected ${formatNames.join(', ')} or all.`,
    );
  return formatNames.filter((name) => names.includes(name));
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

function parseFraction(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError('expected a number from 0 to 1.');
  return value;
}

function parsePositiveFraction(text: string): number {
  const value = parseFraction(text);
  if (value === 0) throw new InvalidArgumentError('expected a number above 0.');
  return value;
}
