import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pnpmCommand, type TrainerConfig } from '@refclip/app-shared';
import { openStateDict } from '@refclip/formats';
import { UsageError } from '@refclip/structures';
import { parse } from 'yaml';

/** A run's best weights, and what is known of them. */
export interface RunWeights {
  readonly file: string;
  /** Percent on the run's validation split; `null`: unknown, there were no boxes. */
  readonly accuracy: number | null;
}

/**
 * The best weights of the best training run of a configuration's name: of highest validation accuracy, the newer of equal ones; where no run knows its
 * accuracy, of the newest.
 *
 * @throws {UsageError} that says how to make some when there are none.
 */
export async function bestWeights({ runs, name }: TrainerConfig): Promise<RunWeights> {
  const found: (RunWeights & { readonly time: number })[] = [];
  for (const run of await readdir(runs).catch(() => [])) {
    const file = join(runs, run, 'checkpoints', 'best.safetensors');
    const time = (await stat(file).catch(() => undefined))?.mtimeMs;
    if (time !== undefined && (await nameOfRun(join(runs, run))) === name)
      found.push({ file, time, accuracy: await accuracyOf(file) });
  }
  const [best] = found.sort((a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1) || b.time - a.time);
  if (!best) {
    const train = name === 'sample' ? `${pnpmCommand} start` : `${pnpmCommand} --filter trainer start --config <file>`;
    throw new UsageError(
      `no trained weights of "${name}" in ${runs}. Train first: ${train}. Or give --weights <file>.`,
    );
  }
  return { file: best.file, accuracy: best.accuracy };
}

/** What the training noted as `<split>Accuracy`. */
async function accuracyOf(file: string): Promise<number | null> {
  const weights = await openStateDict(file);
  await weights.close();
  const noted = Object.entries(weights.metadata).find(([key]) => key.endsWith('Accuracy'))?.[1];
  const accuracy = Number.parseFloat(noted ?? '');
  return Number.isFinite(accuracy) ? accuracy : null;
}

async function nameOfRun(run: string): Promise<unknown> {
  const text = await readFile(join(run, 'config.yaml'), 'utf8').catch(() => '');
  try {
    const config: unknown = parse(text);
    return typeof config === 'object' && config !== null && 'name' in config ? config.name : undefined;
  } catch {
    return undefined;
  }
}
