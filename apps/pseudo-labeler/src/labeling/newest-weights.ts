import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainerConfig } from '@refclip/app-shared';
import { UsageError } from '@refclip/structures';
import { parse } from 'yaml';

/**
 * The best weights of the newest training run of a configuration's name.
 *
 * @throws {UsageError} that says how to make some when there are none.
 */
export async function newestWeights({ runs, name }: TrainerConfig): Promise<string> {
  const found: { readonly file: string; readonly time: number }[] = [];
  for (const run of await readdir(runs).catch(() => [])) {
    const file = join(runs, run, 'checkpoints', 'best.safetensors');
    const time = (await stat(file).catch(() => undefined))?.mtimeMs;
    if (time !== undefined && (await nameOfRun(join(runs, run))) === name) found.push({ file, time });
  }
  const newest = found.sort((a, b) => b.time - a.time)[0];
  if (!newest) {
    const train = name === 'sample' ? 'pnpm start' : 'pnpm --filter trainer start --config <file>';
    throw new UsageError(
      `no trained weights of "${name}" in ${runs}. Train first: ${train}. Or give --weights <file>.`,
    );
  }
  return newest.file;
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
