import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  detectorBatch,
  engineOf,
  fillCache,
  formatDuration,
  loadCheckpoint,
  loadDataset,
  modelOptions,
  printJson,
  userPath,
  withoutImages,
} from '@refclip/app-shared';
import { createGrounder, DetectorCache } from '@refclip/core';
import { writePredictions } from '@refclip/eval/files';
import type { Command } from 'commander';
import { evaluate } from '../training/train.js';
import { resultJson, resultTable } from './result-table.js';

/** `evaluate`: accuracy of a checkpoint on the configured data. */
export function addEvaluateCommand(program: Command): void {
  addConfigFlags(program.command('evaluate'))
    .description('Accuracy of a checkpoint on splits of the configured data.')
    .requiredOption('--weights <file>', 'checkpoint that `start` wrote')
    .option('--splits <list>', 'splits, separated by commas; default: those of the configuration')
    .option('--out <file>', 'predictions of all splits as JSON Lines')
    .addHelpText(
      'after',
      '\nExample:\n  pnpm --filter trainer evaluate --weights runs/first/checkpoints/best.safetensors --splits val,testA\n',
    )
    .action(
      async (flags: ConfigFlags & { readonly weights: string; readonly splits?: string; readonly out?: string }) => {
        const started = performance.now();
        const config = await configOf(flags);
        const splits = flags.splits?.split(',').filter(Boolean) ?? config.evaluation.splits;
        const weights = userPath(flags.weights);
        const { words: _, ...expected } = modelOptions(config, 3);
        const { model, values, vocabulary } = await loadCheckpoint(weights, expected);
        const loaded = await loadDataset(config, splits, false);
        const engine = await engineOf(config);
        const { directory, precision } = config.detector.cache;
        const cache = await DetectorCache.open({ directory, precision, model, values });
        const batch = detectorBatch(model);
        const detector = createGrounder({ engine, model, values, imageBatch: batch });
        const broken = await fillCache(cache, detector, [...loaded.evaluation.values()].flat(), {
          inputSize: model.options.inputSize,
          batch,
          brokenImages: config.data.brokenImages,
        });
        const evaluation = new Map(
          [...loaded.evaluation].map(([split, items]) => [split, withoutImages(items, broken)]),
        );
        const dataset = { ...loaded, evaluation, vocabulary };
        await detector.dispose();
        const results = await evaluate(config, dataset, engine, model, values, cache, splits);
        await engine.dispose();
        if (flags.out)
          await writePredictions(
            userPath(flags.out),
            results.flatMap(({ predictions }) => predictions),
          );
        const seconds = (performance.now() - started) / 1000;
        process.stdout.write(`\n${resultTable(results)}\n\n${formatDuration(seconds)}\n`);
        if (flags.out)
          process.stdout.write(
            `predictions: ${userPath(flags.out)}\nnext: npx @refclip/eval score --predictions ${userPath(flags.out)}\n`,
          );
        if (flags.json) printJson({ command: 'evaluate', run: null, weights, seconds, ...resultJson(results) });
      },
    );
}
