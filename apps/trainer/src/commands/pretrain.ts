import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  engineOf,
  formatDuration,
  pnpmCommand,
  prepareData,
  printJson,
  userPath,
} from '@refclip/app-shared';
import { quoteArgument } from '@refclip/structures';
import type { Command } from 'commander';
import { pretrainTrunk } from '../pretraining/pretrain-trunk.js';

/** `pretrain`: trains the detector, or a student's trunk, on object boxes. */
export function addPretrainCommand(program: Command): void {
  addConfigFlags(program.command('pretrain'))
    .description(
      "Trains RefCLIP's detector or a student's trunk on object boxes in COCO form (data.objects) and writes the weights (pretraining.output).",
    )
    .addHelpText(
      'after',
      `\nExamples:\n  ${pnpmCommand} --filter trainer pretrain --config configs/sample.yaml --set pretraining.epochs=4\n  ${pnpmCommand} --filter trainer pretrain --config configs/simrec/sample.yaml\n`,
    )
    .action(async (flags: ConfigFlags) => {
      const config = await configOf(flags);
      await prepareData(config);
      const engine = await engineOf(config);
      const result = await pretrainTrunk(config, engine, userPath(flags.config));
      await engine.dispose();
      const { weights, images, steps, loss, seconds } = result;
      process.stdout.write(
        `${images} images, ${steps} steps in ${formatDuration(seconds)}, loss ${loss.toFixed(3)} per image\nweights: ${weights}\n`,
      );
      process.stdout.write(
        `next: ${pnpmCommand} --filter trainer start --config ${quoteArgument(userPath(flags.config))} --set ${quoteArgument(`detector.weights=${weights}`)}\n`,
      );
      if (flags.json) printJson({ command: 'pretrain', ...result });
    });
}
