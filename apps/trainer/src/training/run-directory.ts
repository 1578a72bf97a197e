import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TrainerConfig, writeAtomically } from '@refclip/app-shared';
import { stringify } from 'yaml';

/** Files of one training run. */
export interface RunDirectory {
  readonly path: string;
  /** `checkpoints/best.safetensors`: the EMA weights of the epoch with the best validation accuracy. */
  readonly best: string;
  /** `checkpoints/last.safetensors`: the weights after the last finished epoch. */
  readonly last: string;
  predictions(split: string): string;
  /** Appends one line to `log.jsonl`. */
  log(entry: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Creates (or opens) a run directory and writes its resolved `config.yaml`. */
export async function openRunDirectory(path: string, config: TrainerConfig): Promise<RunDirectory> {
  await mkdir(join(path, 'checkpoints'), { recursive: true });
  await writeAtomically(join(path, 'config.yaml'), stringify(config));
  return {
    path,
    best: join(path, 'checkpoints', 'best.safetensors'),
    last: join(path, 'checkpoints', 'last.safetensors'),
    predictions: (split) => join(path, `predictions-${split}.jsonl`),
    log: (entry) => appendFile(join(path, 'log.jsonl'), `${JSON.stringify(entry)}\n`),
  };
}

/** `name-20261124-143518`, from the local clock. */
export function runName(name: string, now: Date = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${name}-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
