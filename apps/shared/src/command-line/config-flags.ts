import { userDirectory, userPath } from '@refclip/furniture';
import { createEngine, type Engine } from '@refclip/runtime';
import { deformConv2dLowering } from '@refclip/vision';
import { type Command, Option } from 'commander';
import { sampleConfig } from '../config/bundled-sample.js';
import type { TrainerConfig } from '../config/config-schema.js';
import { loadConfig } from '../config/load-config.js';

/** Options that every command with a configuration shares. */
export interface ConfigFlags {
  readonly config: string;
  readonly set: readonly string[];
  readonly json: boolean;
}

/** Adds `--config`, `--set` and `--json`. */
export function addConfigFlags(command: Command): Command {
  return command
    .option('--config <file>', 'configuration (YAML)', sampleConfig)
    .addOption(
      new Option('--set <key=value>', 'changes one entry, e.g. --set training.epochs=3; may be repeated')
        .default([] as string[], 'none')
        .argParser((value: string, before: string[]) => [...before, value]),
    )
    .option('--json', 'ends standard output with one line of JSON', false);
}

/** Reads the configuration that the flags name. */
export async function configOf({ config, set }: ConfigFlags): Promise<TrainerConfig> {
  return await loadConfig(userPath(config), set, userDirectory);
}

/** The engine of a configuration; says on standard error which one it is. */
export async function engineOf({ engine }: TrainerConfig): Promise<Engine> {
  const created = await createEngine({
    engine: engine.name,
    device: engine.device,
    threads: engine.threads ?? undefined,
    cacheDirectory: engine.cache ?? undefined,
    lowerings: [deformConv2dLowering],
  });
  process.stderr.write(`engine: ${created.description}\n`);
  return created;
}
