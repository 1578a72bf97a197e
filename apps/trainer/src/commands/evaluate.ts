import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  engineOf,
  formatDuration,
  loadCheckpoint,
  loadDataset,
  modelKind,
  openImages,
  pnpmCommand,
  printJson,
  type TrainerConfig,
  userPath,
  usualSplits,
  withoutImages,
} from '@refclip/app-shared';
import { writePredictions } from '@refclip/eval/files';
import { quoteArgument } from '@refclip/structures';
import type { Command } from 'commander';
import { evaluateSplits } from '../evaluation/evaluate-splits.js';
import { resultJson, resultTable } from './result-table.js';

/** The configured splits; those of the usual ones that the annotations lack are left out, unless all are missing. */
function usualOf({ evaluation: { splits } }: TrainerConfig): (names: readonly string[]) => readonly string[] {
  return (names) => {
    const there = splits.filter((split) => names.includes(split) || !usualSplits.some((usual) => usual === split));
    return there.length ? there : splits;
  };
}

/** `evaluate`: accuracy of a checkpoint on the configured data. */
export function addEvaluateCommand(program: Command): void {
  addConfigFlags(program.command('evaluate'))
    .description('Accuracy of a checkpoint on splits of the configured data.')
    .requiredOption('--weights <file>', 'checkpoint that `start` wrote')
    .option('--splits <list>', 'splits, separated by commas; default: those of the configuration')
    .option('--out <file>', 'predictions of all splits as JSON Lines')
    .addHelpText(
      'after',
      `\nExample:\n  ${pnpmCommand} --filter trainer evaluate --weights runs/first/checkpoints/best.safetensors --splits val,testA\n`,
    )
    .action(
      async (flags: ConfigFlags & { readonly weights: string; readonly splits?: string; readonly out?: string }) => {
        const started = performance.now();
        const config = await configOf(flags);
        const asked = flags.splits?.split(',').filter(Boolean);
        const weights = userPath(flags.weights);
        const { model, values, vocabulary } = await loadCheckpoint(weights, config);
        const loaded = await loadDataset(config, asked ?? usualOf(config), false);
        const splits = [...loaded.evaluation.keys()];
        const engine = await engineOf(config);
        const images = [...loaded.evaluation.values()].flat();
        const { source, reader, broken } = await openImages(config, { engine, model, values, images });
        const evaluation = new Map(
          [...loaded.evaluation].map(([split, items]) => [split, withoutImages(items, broken)]),
        );
        const dataset = { ...loaded, evaluation, vocabulary };
        const kind = modelKind(model.name);
        const results = await evaluateSplits({ config, engine, dataset, kind, model, reader, source, values }, splits);
        await engine.dispose();
        const seconds = (performance.now() - started) / 1000;
        process.stdout.write(`\n${resultTable(model.name, results)}\n\n${formatDuration(seconds)}\n`);
        // After the answer, which a file that cannot be written does not cost.
        if (flags.out)
          await writePredictions(
            userPath(flags.out),
            results.flatMap(({ predictions }) => predictions),
          );
        if (flags.out)
          process.stdout.write(
            `predictions: ${userPath(flags.out)}\nnext: ${pnpmCommand} refclip-eval score --predictions ${quoteArgument(userPath(flags.out))}\n`,
          );
        if (flags.json) printJson({ command: 'evaluate', run: null, weights, seconds, ...resultJson(results) });
      },
    );
}
