import { access, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, removeLeftovers, type TrainerConfig, writeAtomically } from '@refclip/app-shared';
import { UsageError } from '@refclip/structures';
import { stringify } from 'yaml';
import { eventsStart, logName } from './training-log.js';

/** Files of one training run. */
export interface RunDirectory {
  readonly path: string;
  /** The resolved configuration. */
  readonly config: string;
  /** The EMA weights of the epoch with the best validation accuracy. */
  readonly best: string;
  /** The EMA weights after the last finished epoch. */
  readonly last: string;
  /** What `--resume` goes on from. */
  readonly state: string;
  readonly report: string;
  predictions(split: string): string;
}

/** The files of a run, wherever it stands. */
export function runDirectory(path: string): RunDirectory {
  return {
    path,
    config: join(path, 'config.yaml'),
    best: join(path, 'checkpoints', 'best.safetensors'),
    last: join(path, 'checkpoints', 'last.safetensors'),
    state: join(path, 'checkpoints', 'state.safetensors'),
    report: join(path, 'report.html'),
    predictions: (split) => join(path, `predictions-${split}.jsonl`),
  };
}

/**
 * Creates a run directory with its resolved `config.yaml`. Half-written files that killed runs left beside it are removed.
 *
 * @throws {UsageError} when a run is there already.
 */
export async function createRun(path: string, config: TrainerConfig): Promise<RunDirectory> {
  const run = runDirectory(path);
  await removeLeftovers(config.runs);
  if (await exists(run.config)) {
    throw new UsageError(`${path} holds a run already. Go on with it by --resume ${path}, or give another --run.`);
  }
  try {
    await mkdir(join(path, 'checkpoints'), { recursive: true });
    await writeAtomically(run.config, stringify(config));
  } catch (error) {
    await discardRun(run);
    throw error;
  }
  return run;
}

/**
 * Removes what {@link createRun} and a beginning training wrote, when nothing of it can be resumed. Other files of the folder stay.
 */
export async function discardRun({ path, config }: RunDirectory): Promise<void> {
  const logs = (await readdir(path).catch(() => [])).filter((name) => name === logName || name.startsWith(eventsStart));
  for (const file of [config, join(path, 'checkpoints'), ...logs.map((name) => join(path, name))])
    await rm(file, { recursive: true, force: true });
  await rmdir(path).catch(() => {});
}

/** Whether a run has a state to go on from. */
export const hasState = ({ state }: RunDirectory): Promise<boolean> => exists(state);

/**
 * The newest run of a configuration that can be resumed.
 *
 * @throws {UsageError} when there is none.
 */
export async function newestRun({ runs, name }: TrainerConfig): Promise<RunDirectory> {
  const found: { readonly run: RunDirectory; readonly saved: number }[] = [];
  for (const entry of await readdir(runs).catch(() => [])) {
    const run = runDirectory(join(runs, entry));
    const saved = await stat(run.state).catch(() => undefined);
    if (!saved || (await loadConfig(run.config).catch(() => undefined))?.name !== name) continue;
    found.push({ run, saved: saved.mtimeMs });
  }
  const [newest] = found.sort((a, b) => b.saved - a.saved);
  if (!newest)
    throw new UsageError(`--resume: no run of "${name}" with a saved state in ${runs}. Start one without --resume.`);
  return await cleaned(newest.run);
}

/** The run in a folder. @throws {UsageError} when nothing can be resumed there. */
export async function existingRun(path: string): Promise<RunDirectory> {
  const run = runDirectory(path);
  if (!((await exists(run.config)) && (await exists(run.state)))) {
    throw new UsageError(`--resume ${path}: no run with a saved state is there.`);
  }
  return await cleaned(run);
}

/** Without what it was writing when it was killed: nobody else writes to a run that is resumed. */
async function cleaned(run: RunDirectory): Promise<RunDirectory> {
  await removeLeftovers(run.path, { age: 0 });
  return run;
}

/** `name-20261124-143518`, from the local clock. */
export function runName(name: string, now: Date = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${name}-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
