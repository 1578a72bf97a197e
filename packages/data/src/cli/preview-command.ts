import { basename } from 'node:path';
import { writePieces } from '@refclip/formats';
import { type CommandResult, calledAs, type OnProgress, type Terminal, withProgress } from '@refclip/furniture';
import { UsageError } from '@refclip/structures';
import { Command } from 'commander';
import { importImages } from '../peers/import-images.js';
import { galleryPage } from '../preview/gallery-page.js';
import { addInputOptions, type InputOptions, parseCount, readInput } from './input-options.js';

interface PreviewOptions extends InputOptions {
  readonly images: string;
  readonly output: string;
  readonly count: number;
  readonly seed: number;
  readonly split?: string;
}

/** `refclip-data preview`: a page of images with boxes and expressions. */
export function previewCommand(terminal: Terminal, finish: (result: CommandResult) => void): Command {
  return addInputOptions(
    new Command('preview')
      .description('write a page of images with their boxes and expressions')
      .argument('<annotations>', 'annotation file')
      .requiredOption('--images <folder>', 'image folder')
      .requiredOption('--output <file>', 'HTML file to write')
      .option('--count <records>', 'how many records, drawn at random', parseCount, 60)
      .option('--seed <number>', 'which ones', parseCount, 1)
      .option('--split <name>', 'records of one split alone'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ ${calledAs('@refclip/data')} preview refcoco.json --images train2014 --output gallery.html
  $ ${calledAs('@refclip/data')} preview refcoco.json --images train2014 --split testA --count 24 --output testA.html`,
    )
    .action(async (file: string, options: PreviewOptions) => finish(await runPreview(file, options, terminal)));
}

async function runPreview(file: string, options: PreviewOptions, terminal: Terminal): Promise<CommandResult> {
  await importImages('Showing images');
  const { splits, notes, folder } = await readInput(file, options, terminal);
  const { split, count, seed, output } = options;
  if (split !== undefined && !splits.has(split)) {
    throw new UsageError(`${file} has no split ${split}; expected one of ${[...splits.keys()].join(', ')}.`);
  }
  const shown = split === undefined ? splits : new Map([[split, splits.get(split) ?? []]]);
  const title = `${basename(file)}${split === undefined ? '' : `, ${split}`}`;
  const draw = (onProgress: OnProgress) => galleryPage(shown, folder!, { title, count, seed, notes, onProgress });
  const page = await withProgress('drawing', 'records', draw, terminal);
  await writePieces(output, [page]);
  return { code: 0, text: `written: ${output}\n`, json: { file, html: output, notes } };
}
