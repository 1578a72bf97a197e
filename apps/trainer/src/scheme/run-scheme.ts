import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type TrainerConfig, writeAtomically } from '@refclip/app-shared';
import { ConfigError, UsageError } from '@refclip/structures';
import { z } from 'zod';
import { assertSameConfig } from '../training/compare-configs.js';
import { runDirectory } from '../training/run-directory.js';
import type { ApplicationName, RunApplication } from './run-application.js';

/** A configuration and where it was read from. */
export interface SchemeModel {
  readonly file: string;
  readonly config: TrainerConfig;
}

/** What a scheme trains. */
export interface SchemeOptions {
  /** Folder of everything; what is complete there is not made again. */
  readonly run: string;
  readonly teacher: SchemeModel;
  readonly students: readonly SchemeModel[];
  /** `--set` assignments of all trainings. */
  readonly set: readonly string[];
  readonly runApplication: RunApplication;
}

const trainingSchema = z.object({
  seconds: z.number(),
  weights: z.string(),
  splits: z.record(z.string(), z.object({ accuracy: z.number(), count: z.number() })),
  baselines: z.record(z.string(), z.object({ randomAnchor: z.number() })),
});
const labelsSchema = z.object({ seconds: z.number(), files: z.object({ simrec: z.array(z.string()).min(1) }) });
const savedSchema = z.object({ words: z.array(z.string()), result: z.unknown() });

/** One trained model of a scheme. */
export interface SchemeRow {
  /** `refclip`, `simrec`, … */
  readonly model: string;
  /** What it learned from. */
  readonly supervision: 'none' | 'pseudo-labels' | 'true boxes';
  readonly seed: number;
  readonly seconds: number;
  /** Percent of expressions with IoU > 0.5, by split. */
  readonly accuracy: Readonly<Record<string, number>>;
}

/** What a scheme found out. */
export interface SchemeResult {
  readonly rows: readonly SchemeRow[];
  /** Of a kept anchor of the teacher drawn at random, by split. */
  readonly randomAnchor: Readonly<Record<string, number>>;
  readonly labels: { readonly file: string; readonly seconds: number };
}

/**
 * Teacher, labels, students: each stage a command of an application, and skipped when its result is there. An interrupted training is resumed. A trunk is
 * pre-trained first where its weights are not there and the configuration says how.
 *
 * @throws {ConfigError} when a student has other data than the teacher; {UsageError} when the folder holds a scheme of other settings.
 */
export async function runScheme({ run, teacher, students, set, runApplication }: SchemeOptions): Promise<SchemeResult> {
  assertOneDataSet(teacher, students);
  await mkdir(run, { recursive: true });
  const stage = async (
    name: string,
    application: ApplicationName,
    words: readonly string[],
    extra: readonly string[],
  ) => {
    const file = join(run, `${name}.json`);
    const saved = await readSaved(file);
    if (saved) {
      if (saved.words.join('\n') === words.join('\n')) {
        process.stderr.write(`${name}: is there already\n`);
        return saved.result;
      }
      throw new UsageError(`${file}: made by other settings (${saved.words.join(' ')}). Give another --run.`);
    }
    process.stderr.write(`\n${name}: ${application} ${words.join(' ')}\n`);
    const result = await runApplication(application, [...words, ...extra, '--json']);
    await writeAtomically(file, `${JSON.stringify({ words, result }, null, 2)}\n`);
    return result;
  };
  const train = async (name: string, { file, config }: SchemeModel, assignments: readonly string[]) => {
    const folder = join(run, name);
    const all = [...set, ...assignments].flatMap((assignment) => ['--set', assignment]);
    const place = await resumeOrStart(folder, await loadConfig(file, [...set, ...assignments]));
    const result = trainingSchema.parse(await stage(name, 'trainer', ['start', '--config', file, ...all], place));
    const accuracy = Object.fromEntries(
      Object.entries(result.splits).map(([split, { accuracy }]) => [split, accuracy]),
    );
    const { seconds, weights, baselines } = result;
    return { row: { model: config.model.name, seed: config.seed, seconds, accuracy }, weights, baselines };
  };

  /** Trains on object boxes what a model sees with, where the configuration says how and the weights are not there. */
  const pretrain = async (name: string, { file, config }: SchemeModel) => {
    const { weights } = config.detector;
    if (weights === null || config.pretraining?.output !== weights || (await exists(weights))) return;
    const all = set.flatMap((assignment) => ['--set', assignment]);
    await rm(join(run, `${name}.json`), { force: true });
    await stage(name, 'trainer', ['pretrain', '--config', file, ...all], []);
  };

  await pretrain('teacher-trunk', teacher);
  const { row, weights, baselines } = await train('teacher', teacher, []);
  const rows: SchemeRow[] = [{ ...row, supervision: 'none' }];
  const words = ['start', '--config', teacher.file, '--weights', weights, '--out', join(run, 'labels')];
  const labels = labelsSchema.parse(
    // A record for each object, as the annotations have: training on labels then takes as many steps as on the true boxes.
    await stage('labels', 'pseudo-labeler', [...words, '--format', 'simrec', '--policy', 'ref'], ['--resume']),
  );
  const file = labels.files.simrec[0] as string;
  for (const student of students) {
    const { name } = student.config.model;
    await pretrain(`${name}-trunk`, student);
    const guessed = await train(`${name}-pseudo-labels`, student, [`supervision.labels=${file}`]);
    rows.push({ ...guessed.row, supervision: 'pseudo-labels' });
    const told = await train(`${name}-true-boxes`, student, []);
    rows.push({ ...told.row, supervision: 'true boxes' });
  }
  const randomAnchor = Object.fromEntries(
    Object.entries(baselines).map(([split, baseline]) => [split, baseline.randomAnchor]),
  );
  return { rows, randomAnchor, labels: { file, seconds: labels.seconds } };
}

function assertOneDataSet(teacher: SchemeModel, students: readonly SchemeModel[]): void {
  const problems = students.flatMap(({ file, config }) =>
    config.data.annotations === teacher.config.data.annotations
      ? []
      : [
          {
            path: 'data.annotations',
            problem: `${file} has ${config.data.annotations}, the teacher ${teacher.config.data.annotations}`,
          },
        ],
  );
  const names = students.map(({ config }) => config.model.name);
  if (new Set(names).size < names.length)
    problems.push({ path: 'model.name', problem: 'two students are of one kind' });
  if (problems.length) throw new ConfigError('scheme', problems);
}

/** Goes on with a run that saved a state; one that did not get so far is thrown away. */
async function resumeOrStart(folder: string, config: TrainerConfig): Promise<readonly string[]> {
  const run = runDirectory(folder);
  if (await exists(run.state)) {
    assertSameConfig(await loadConfig(run.config), config, folder);
    return ['--resume', folder];
  }
  await rm(folder, { recursive: true, force: true });
  return ['--run', folder];
}

async function readSaved(file: string) {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return savedSchema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${file}: damaged. Delete it, and its stage is done again.`);
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
