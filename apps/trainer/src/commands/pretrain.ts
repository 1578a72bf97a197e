import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  engineOf,
  formatDuration,
  prepareData,
  printJson,
  userPath,
} from '@refclip/app-shared';
import type { Command } from 'commander';
import { pretrainDetector } from '../pretraining/pretrain-detector.js';

/** `pretrain`: trains the detector on object boxes. */
export function addPretrainCommand(program: Command): void {
  addConfigFlags(program.command('pretrain'))
    .description(
      'Trains the detector on object boxes in COCO form (data.objects) and writes its weights (pretraining.output).',
    )
    .addHelpText(
      'after',
      '\nExample:\n  pnpm --filter trainer pretrain --config configs/sample.yaml --set pretraining.epochs=4\n',
    )
    .action(async (flags: ConfigFlags) => {
      const config = await configOf(flags);
      await prepareData(config);
      const engine = await engineOf(config);
      const result = await pretrainDetector(config, engine, userPath(flags.config));
      await engine.dispose();
      const { weights, images, steps, loss, seconds } = result;
      process.stdout.write(
        `${images} images, ${steps} steps in ${formatDuration(seconds)}, loss ${loss.toFixed(3)} per image\nweights: ${weights}\n`,
      );
      process.stdout.write('next: pnpm --filter trainer start\n');
      if (flags.json) printJson({ command: 'pretrain', ...result });
    });
}
