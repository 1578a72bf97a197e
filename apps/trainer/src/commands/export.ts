import { join } from 'node:path';
import { formatTable, loadCheckpoint, printJson, userPath } from '@refclip/app-shared';
import type { Command } from 'commander';
import { exportModel } from '../export/export-model.js';

interface ExportFlags {
  readonly weights: string;
  readonly out: string;
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
    .option('--json', 'ends standard output with one line of JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  pnpm --filter trainer export --weights runs/first/checkpoints/best.safetensors --out exported\n',
    )
    .action(async (flags: ExportFlags) => {
      const out = userPath(flags.out);
      const { graphs, description } = await exportModel(await loadCheckpoint(userPath(flags.weights)), out);
      const names = (specs: object) => Object.keys(specs).join(', ');
      const rows = Object.values(graphs).map(({ file, inputs, outputs }) => [file, names(inputs), names(outputs)]);
      process.stdout.write(`${formatTable(['graph', 'inputs', 'outputs'], rows)}\n`);
      process.stdout.write(`description: ${description}\nnext: read ${join(out, 'README.md')}\n`);
      if (flags.json) printJson({ command: 'export', out, graphs, description });
    });
}
