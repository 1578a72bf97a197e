import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  importWeights,
  pnpmCommand,
  printJson,
  userPath,
} from '@refclip/app-shared';
import { exportTorch } from '@refclip/referring';
import { quoteArgument, UsageError } from '@refclip/structures';
import type { Command } from 'commander';

interface ImportFlags extends ConfigFlags {
  readonly weights: string;
  readonly out: string;
  readonly key?: string;
}

const described = {
  checkpoint: 'a checkpoint with its vocabulary',
  detector: 'the weights of what the model sees with',
  trunk: 'the Darknet-53 trunk; neck and heads are not in it',
} as const;

/**
 * `import-weights`: official weights into files of this code. `export-pth`: the way back.
 * (Plain `import` is a command of pnpm's own, which would run instead.)
 */
export function addImportCommands(program: Command): void {
  addConfigFlags(program.command('import-weights'))
    .description(
      'Converts official weights, checked against the configured model: a PyTorch checkpoint or detector (.pth), or Darknet-53 (.weights, .conv.74).',
    )
    .requiredOption('--weights <file>', 'the file to import')
    .requiredOption('--out <file>', 'safetensors file to write')
    .option('--key <name>', 'key of the tensors in a checkpoint (default: state_dict, model, or the file itself)')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        `  ${pnpmCommand} --filter trainer import-weights --config configs/refcoco.yaml --weights yolov3_coco.pth --out detector.safetensors\n` +
        `  ${pnpmCommand} --filter trainer import-weights --config configs/refcoco.yaml --weights best.pth --out best.safetensors\n`,
    )
    .action(async (flags: ImportFlags) => {
      const output = userPath(flags.out);
      if (!output.endsWith('.safetensors'))
        throw new UsageError(`--out ${flags.out}: expected a name that ends in .safetensors.`);
      const config = await configOf(flags);
      const { holds, tensors } = await importWeights(config, {
        weights: userPath(flags.weights),
        output,
        key: flags.key,
      });
      const next =
        holds === 'checkpoint'
          ? `evaluate --config ${quoteArgument(flags.config)} --weights ${quoteArgument(output)}`
          : `start --config ${quoteArgument(flags.config)} --set ${quoteArgument(`detector.weights=${output}`)}`;
      process.stdout.write(
        `${output}: ${described[holds]}, ${tensors} tensors\nnext: ${pnpmCommand} --filter trainer ${next}\n`,
      );
      if (flags.json) printJson({ command: 'import-weights', weights: output, holds, tensors });
    });

  program
    .command('export-pth')
    .description('Writes a checkpoint or weights of this code as a PyTorch file that the official code loads.')
    .requiredOption('--weights <file>', 'safetensors file of this code')
    .requiredOption('--out <file>', 'PyTorch file to write')
    .option('--json', 'ends standard output with one line of JSON', false)
    .addHelpText(
      'after',
      `\nExample:\n  ${pnpmCommand} --filter trainer export-pth --weights runs/refcoco/checkpoints/best.safetensors --out best.pth\n`,
    )
    .action(async ({ weights, out, json }: { weights: string; out: string; json: boolean }) => {
      const output = userPath(out);
      if (!/\.(pth|pt)$/.test(output)) throw new UsageError(`--out ${out}: expected a name that ends in .pth.`);
      const tensors = await exportTorch(userPath(weights), output);
      process.stdout.write(`${output}: ${tensors} tensors\nnext: torch.load('${out}')\n`);
      if (json) printJson({ command: 'export-pth', weights: output, tensors });
    });
}
