import { join } from 'node:path';
import { formatTable, loadCheckpoint, pnpmCommand, printJson, userPath } from '@refclip/app-shared';
import { UsageError } from '@refclip/structures';
import type { Command } from 'commander';
import { calibrationImages } from '../export/calibration-images.js';
import { exportModel } from '../export/export-model.js';

interface ExportFlags {
  readonly weights: string;
  readonly out: string;
  readonly int8: boolean;
  readonly calibrate?: string;
  readonly calibrationImages: string;
  readonly json: boolean;
}

/** `export`: a checkpoint as ONNX graphs. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description(
      'Writes a checkpoint as ONNX graphs that any ONNX runtime can run, with a description of their inputs and outputs.',
    )
    .requiredOption('--weights <file>', 'checkpoint that `start` wrote')
    .requiredOption('--out <dir>', 'folder for image.onnx, locate.onnx, model.json and README.md')
    .option('--int8', 'image.onnx computes in eight bits (QDQ form); needs --calibrate', false)
    .option('--calibrate <dir>', 'images like those to come: the ranges of activations are taken from them')
    .option('--calibration-images <n>', 'at most so many of them, evenly spread', '64')
    .option('--json', 'ends standard output with one line of JSON', false)
    .addHelpText(
      'after',
      `\nExample:\n  ${pnpmCommand} --filter trainer export --weights runs/first/checkpoints/best.safetensors --out exported\n` +
        `  ${pnpmCommand} --filter trainer export --weights runs/first/checkpoints/best.safetensors --out exported-int8 --int8 --calibrate data/sample/images\n`,
    )
    .action(async (flags: ExportFlags) => {
      const out = userPath(flags.out);
      if (flags.int8 !== (flags.calibrate !== undefined))
        throw new UsageError(
          '--int8 and --calibrate <dir> go together: eight bits need ranges, and ranges are for nothing else.',
        );
      const most = Number(flags.calibrationImages);
      if (!Number.isInteger(most) || most < 1)
        throw new UsageError(`--calibration-images ${flags.calibrationImages}: expected a whole number of at least 1.`);
      const checkpoint = await loadCheckpoint(userPath(flags.weights));
      const calibration = flags.calibrate
        ? await calibrationImages(userPath(flags.calibrate), checkpoint.model.inputSize, most)
        : undefined;
      const { graphs, description } = await exportModel(
        checkpoint,
        out,
        calibration ? { calibration: calibration.images } : {},
      );
      if (calibration) process.stderr.write(`calibrated on ${calibration.count} images\n`);
      const names = (specs: object) => Object.keys(specs).join(', ');
      const rows = Object.values(graphs).map(({ file, inputs, outputs }) => [file, names(inputs), names(outputs)]);
      process.stdout.write(`${formatTable(['graph', 'inputs', 'outputs'], rows)}\n`);
      process.stdout.write(`description: ${description}\nnext: read ${join(out, 'README.md')}\n`);
      if (flags.json)
        printJson({ command: 'export', out, graphs, description, precision: flags.int8 ? 'int8' : 'float32' });
    });
}
