import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  formatDuration,
  loadConfig,
  pnpmCommand,
  printJson,
  userDirectory,
  userPath,
  writeAtomically,
} from '@refclip/app-shared';
import { type Command, Option } from 'commander';
import { runApplication } from '../scheme/run-application.js';
import { runScheme } from '../scheme/run-scheme.js';
import { schemeTable } from '../scheme/scheme-table.js';

interface SchemeFlags {
  readonly teacher: string;
  readonly student: readonly string[];
  readonly set: readonly string[];
  readonly run?: string;
  readonly json: boolean;
}

const sample = (name: string) => fileURLToPath(new URL(`../../../../configs/${name}sample.yaml`, import.meta.url));
const collect = (value: string, before: string[]) => [...before, value];

/** `scheme`: teacher, labels, students, table. */
export function addSchemeCommand(program: Command): void {
  program
    .command('scheme')
    .description(
      'Trains the teacher, labels the training set with it, trains each student on these labels and on the true boxes, and compares. Without flags: on the sample.',
    )
    .option('--teacher <file>', 'configuration of the teacher', sample(''))
    .addOption(
      new Option('--student <file>', 'configuration of a student; may be repeated; default: SimREC and RealGIN')
        .default([] as string[], 'both')
        .argParser(collect),
    )
    .addOption(
      new Option('--set <key=value>', 'changes one entry in all trainings; may be repeated')
        .default([] as string[], 'none')
        .argParser(collect),
    )
    .option('--run <dir>', 'folder of everything; default: runs/scheme-<name>')
    .option('--json', 'ends standard output with one line of JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  ${pnpmCommand} --filter trainer scheme
  ${pnpmCommand} --filter trainer scheme --teacher configs/refcoco.yaml --student configs/simrec/refcoco.yaml --run runs/refcoco-scheme

Interrupted, the same command goes on: stages that are complete are skipped.
`,
    )
    .action(async (flags: SchemeFlags) => {
      const started = performance.now();
      const { set } = flags;
      const read = async (file: string) => ({ file, config: await loadConfig(file, set, userDirectory) });
      const teacher = await read(userPath(flags.teacher));
      const files = flags.student.length ? flags.student.map(userPath) : [sample('simrec/'), sample('realgin/')];
      const students = [];
      for (const file of files) students.push(await read(file));
      const run = flags.run ? userPath(flags.run) : join(teacher.config.runs, `scheme-${teacher.config.name}`);
      const result = await runScheme({ run, teacher, students, set, runApplication });
      const seconds = (performance.now() - started) / 1000;
      const table = schemeTable(result);
      await writeAtomically(join(run, 'scheme.md'), `${table}\n`);
      await writeAtomically(join(run, 'scheme.json'), `${JSON.stringify(result, null, 2)}\n`);
      process.stdout.write(`\n${table}\n\nlabels: ${result.labels.file}, ${formatDuration(result.labels.seconds)}\n`);
      process.stdout.write(`${formatDuration(seconds)}\ntable: ${join(run, 'scheme.md')}\n`);
      if (flags.json) printJson({ command: 'scheme', run, seconds, ...result });
    });
}
