import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, calledAs, type OnProgress, type Terminal, withProgress } from '@refclip/furniture';
import { quoteArgument, UsageError } from '@refclip/structures';
import { Command } from 'commander';
import { importScenes } from '../peers/import-scenes.js';
import { parseCount } from './input-options.js';

interface SynthesizeOptions {
  readonly output: string;
  readonly seed: number;
  readonly size: number;
  readonly train: number;
  readonly val: number;
  readonly testA: number;
  readonly testB: number;
}

/** `refclip-data synthesize`: drawn scenes with expressions, to try everything without downloads. */
export function synthesizeCommand(terminal: Terminal, finish: (result: CommandResult) => void): Command {
  return new Command('synthesize')
    .description('draw scenes of colored shapes with expressions and boxes; equal options give equal files')
    .requiredOption('--output <folder>', 'folder to write; scenes that it holds are replaced')
    .option('--seed <number>', 'which scenes', parseCount, 1)
    .option('--size <pixels>', 'side of the square images', parseCount, 256)
    .option('--train <images>', 'training images', parseCount, 2250)
    .option('--val <images>', 'validation images', parseCount, 300)
    .option('--test-a <images>', 'test images asked for by attributes', parseCount, 200)
    .option('--test-b <images>', 'test images asked for by place and relation', parseCount, 200)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ ${calledAs('@refclip/data')} synthesize --output data/sample
  $ ${calledAs('@refclip/data')} synthesize --output data/tiny --train 40 --val 10 --test-a 5 --test-b 5 --size 128`,
    )
    .action(async (options: SynthesizeOptions) => finish(await runSynthesize(options, terminal)));
}

async function runSynthesize(options: SynthesizeOptions, terminal: Terminal): Promise<CommandResult> {
  const { output, size, ...scenes } = options;
  const { synthesizeScenes } = await importScenes('Drawing scenes');
  await refuseForeignFolder(output);
  const draw = (onProgress: OnProgress) => synthesizeScenes(output, { ...scenes, imageSize: size, onProgress });
  await withProgress('drawing scenes', 'scenes', draw, terminal);
  const files = {
    annotations: join(output, 'annotations.json'),
    images: join(output, 'images'),
    objects: join(output, 'objects.json'),
  };
  return {
    code: 0,
    text: `written: ${Object.values(files).join(', ')}\n`,
    next: `${calledAs('@refclip/data')} preview ${quoteArgument(files.annotations)} --images ${quoteArgument(files.images)} --output ${quoteArgument(join(output, 'gallery.html'))}`,
    json: { ...files, seed: options.seed },
  };
}

/** Drawing replaces the folder, so it must be new, empty, or one that was drawn before. */
async function refuseForeignFolder(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`${folder} is no folder that can be written.`, { cause: error });
  });
  if (entries.length > 0 && !entries.includes('manifest.json')) {
    throw new UsageError(`${folder} holds other files (${entries.slice(0, 3).join(', ')}); name a new folder.`);
  }
}
