import { basename, extname } from 'node:path';
import { addConfigFlags, type ConfigFlags, configOf, type TrainerConfig, userPath } from '@refclip/app-shared';
import { UsageError } from '@refclip/structures';
import type { Command } from 'commander';

/** Flags of every command that reads a data set. */
export interface DataFlags extends ConfigFlags {
  readonly annotations?: string;
  readonly images?: string;
}

/** Adds `--config`, `--set`, `--json`, `--annotations` and `--images`. */
export function addDataFlags(command: Command): Command {
  return addConfigFlags(command)
    .option('--annotations <file>', 'annotation file of any form, instead of a configuration; with --images')
    .option('--images <folder>', "image folder, instead of the configuration's");
}

/** The configuration that the flags name, and whether it describes the model too: an annotation file alone does not. */
export async function dataConfigOf(
  flags: DataFlags,
): Promise<{ readonly config: TrainerConfig; readonly describesModel: boolean }> {
  const config = await configOf(flags);
  const images = flags.images === undefined ? config.data.images : userPath(flags.images);
  if (flags.annotations === undefined)
    return { config: { ...config, data: { ...config.data, images } }, describesModel: true };
  if (flags.images === undefined) throw new UsageError('--annotations: also give the image folder with --images.');
  const annotations = userPath(flags.annotations);
  const name = basename(annotations, extname(annotations)).replace(/[^\w.+-]/g, '-');
  const { brokenImages, workers } = config.data;
  return {
    config: { ...config, name, data: { annotations, images, synthesize: null, brokenImages, workers } },
    describesModel: false,
  };
}
