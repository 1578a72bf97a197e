import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  createModel,
  detectorBatch,
  engineOf,
  fillCache,
  formatDuration,
  initialValues,
  loadTrainingDataset,
  pnpmCommand,
  printJson,
} from '@refclip/app-shared';
import { createLocator, FrozenOutputCache } from '@refclip/referring';
import { quoteArgument, UsageError } from '@refclip/structures';
import type { Command } from 'commander';

/** `cache`: fills and checks the detector cache of a configuration. */
export function addCacheCommand(program: Command): void {
  addConfigFlags(program.command('cache'))
    .description(
      'Runs the frozen detector on every image that the cache lacks, and checks the entries that are there. Interrupted, it goes on where it stopped.',
    )
    .addHelpText('after', `\nExample:\n  ${pnpmCommand} --filter trainer cache --config configs/refcoco.yaml\n`)
    .action(async (flags: ConfigFlags) => {
      const started = performance.now();
      const config = await configOf(flags);
      const dataset = await loadTrainingDataset(config);
      const model = createModel(config, dataset.vocabulary.size);
      if (!model.frozenOutputs) {
        throw new UsageError(
          'cache: nothing of this model is a constant of the image (detector.batchNorm is "batch"); there is nothing to cache.',
        );
      }
      const values = await initialValues(config, model, dataset.vocabulary);
      const { directory, precision } = config.detector.cache;
      const cache = await FrozenOutputCache.open({ directory, precision, model, values, memory: 0 });
      const engine = await engineOf(config);
      const batch = detectorBatch(model.options);
      const locator = createLocator({ engine, model, values, imageBatch: batch });
      const images = [...dataset.train, ...[...dataset.evaluation.values()].flat()];
      const filled = await fillCache(cache, images, {
        compute: (pixels) => locator.imageInputs(pixels),
        inputSize: model.inputSize,
        batch,
        brokenImages: config.data.brokenImages,
        workers: config.data.workers,
        verify: true,
      });
      await locator.dispose();
      await engine.dispose();
      const { computed, damaged, broken } = filled;
      const seconds = (performance.now() - started) / 1000;
      process.stdout.write(
        `${filled.images} images: ${computed} computed, of them ${damaged} damaged before, ${broken.size} not readable; ${formatDuration(seconds)}\n` +
          `cache: ${cache.path}\nnext: ${pnpmCommand} --filter trainer start --config ${quoteArgument(flags.config)}\n`,
      );
      if (flags.json) {
        const counts = { images: filled.images, computed, damaged, broken: broken.size };
        printJson({ command: 'cache', cache: cache.path, ...counts, seconds });
      }
    });
}
