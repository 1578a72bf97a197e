import { join } from 'node:path';
import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  engineOf,
  formatDuration,
  loadDataset,
  printJson,
  userPath,
} from '@refclip/app-shared';
import { writePredictions } from '@refclip/eval/files';
import type { Command } from 'commander';
import { writeReport } from '../report/write-report.js';
import { openRunDirectory, runName } from '../training/run-directory.js';
import { train } from '../training/train.js';
import { resultJson, resultTable } from './result-table.js';

/** `start`: trains, evaluates, writes a report. */
export function addStartCommand(program: Command): void {
  addConfigFlags(program.command('start'))
    .description(
      'Trains RefCLIP, evaluates the best epoch and writes a report. Without a configuration: on the bundled sample.',
    )
    .option('--run <dir>', 'run directory; default: runs/<name>-<date>-<time>')
    .addHelpText(
      'after',
      '\nExamples:\n  pnpm start\n  pnpm --filter trainer start --config my.yaml --set training.epochs=5 --run runs/first\n',
    )
    .action(async (flags: ConfigFlags & { readonly run?: string }) => {
      const started = performance.now();
      const config = await configOf(flags);
      const splits = [...new Set([...config.evaluation.splits, config.evaluation.validationSplit])];
      const dataset = await loadDataset(config, splits, true);
      const engine = await engineOf(config);
      const run = await openRunDirectory(
        flags.run ? userPath(flags.run) : join(config.runs, runName(config.name)),
        config,
      );
      const result = await train(config, dataset, engine, run);
      await engine.dispose();
      for (const { split, predictions } of result.splits) await writePredictions(run.predictions(split), predictions);
      const report = join(run.path, 'report.html');
      await writeReport(report, config.name, result.splits, dataset.evaluation, join(run.path, 'log.jsonl'));
      const seconds = (performance.now() - started) / 1000;
      const memory = (process.resourceUsage().maxRSS / 2 ** 20).toFixed(2);
      process.stdout.write(
        `\n${resultTable(result.splits)}\n\n${result.epochs} epochs, ${result.steps} steps, best epoch ${result.bestEpoch}; ${formatDuration(seconds)}, ` +
          `at most ${memory} GiB resident, ${(100 * result.overhead).toFixed(1)} % of the training time outside the graph\n` +
          `report: ${report}\nweights: ${run.best}\n` +
          `next: pnpm --filter trainer ground --weights ${run.best} --image <image> "the small red star"\n`,
      );
      if (flags.json)
        printJson({ command: 'start', run: run.path, weights: run.best, seconds, ...resultJson(result.splits) });
    });
}
