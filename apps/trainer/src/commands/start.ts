import { join } from 'node:path';
import {
  addConfigFlags,
  type ConfigFlags,
  configOf,
  type Dataset,
  engineOf,
  formatDuration,
  interruptedWith,
  loadConfig,
  loadTrainingDataset,
  pnpmCommand,
  printJson,
  type TrainerConfig,
  userPath,
} from '@refclip/app-shared';
import { writePredictions } from '@refclip/eval/files';
import { quoteArgument, UsageError } from '@refclip/structures';
import type { Command } from 'commander';
import { writeRunReport } from '../report/write-run-report.js';
import { assertSameConfig } from '../training/compare-configs.js';
import { prepareTraining } from '../training/prepare-training.js';
import {
  createRun,
  discardRun,
  existingRun,
  hasState,
  newestRun,
  type RunDirectory,
  runName,
} from '../training/run-directory.js';
import { type TrainingResult, train } from '../training/train.js';
import { logName } from '../training/training-log.js';
import { loadTrainingState } from '../training/training-state.js';
import { firstQuestion } from './first-question.js';
import { resultJson, resultTable } from './result-table.js';

interface StartFlags extends ConfigFlags {
  readonly run?: string;
  /** A folder, or true for the newest run. */
  readonly resume?: string | true;
}

/** `start`: trains, evaluates, writes a report. */
export function addStartCommand(program: Command): void {
  addConfigFlags(program.command('start'))
    .description(
      'Trains a model, evaluates the best epoch and writes a report. Without a configuration: RefCLIP on the bundled sample.',
    )
    .option('--run <dir>', 'run directory; default: runs/<name>-<date>-<time>')
    .option('--resume [dir]', 'goes on with an interrupted run; without a folder: the newest of the configuration')
    .addHelpText(
      'after',
      `
Examples:
  ${pnpmCommand} start
  ${pnpmCommand} --filter trainer start --config my.yaml --set training.epochs=5 --run runs/first
  ${pnpmCommand} --filter trainer start --resume runs/first

Ctrl-C finishes the step, saves, says how to continue and ends with exit code 130. A run that was killed continues from its last saved state.
`,
    )
    .action(async (flags: StartFlags, command: Command) => {
      const started = performance.now();
      const { config, resumed } = await chooseRun(flags, command);
      const dataset = await loadTrainingDataset(config);
      for (const note of dataset.notes) process.stderr.write(`${note}\n`);
      const engine = await engineOf(config);
      const setup = await prepareTraining(config, dataset, engine);
      const state = resumed ? await loadTrainingState(resumed.state) : undefined;
      const run =
        resumed ?? (await createRun(flags.run ? userPath(flags.run) : join(config.runs, runName(config.name)), config));
      process.stderr.write(`run: ${run.path}${state ? `, from step ${state.progress.step}` : ''}\n`);
      const resume = `${pnpmCommand} --filter trainer start --resume ${quoteArgument(run.path)}`;
      const result = await train(setup, run, state).catch(async (error: unknown) => {
        if (!(await hasState(run))) await discardRun(run);
        else
          process.stderr.write(
            `stopped; what is saved can be continued, once the cause below is mended, with:\n  ${resume}\n`,
          );
        throw error;
      });
      await engine.dispose();
      if (result.interrupted) throw interruptedWith(`interrupted; the state is saved. To continue:\n  ${resume}`);
      for (const { split, predictions } of result.splits) await writePredictions(run.predictions(split), predictions);
      const hasReport = result.splits.some(({ evaluation }) => evaluation);
      const about = {
        name: config.name,
        model: setup.model.name,
        splits: result.splits,
        items: setup.dataset.evaluation,
        logFile: join(run.path, logName),
      };
      const notes = hasReport ? await writeRunReport(run.report, about) : [];
      for (const note of notes) process.stderr.write(`report: ${note}\n`);
      const seconds = (performance.now() - started) / 1000;
      printSummary(config, run, result, setup.dataset, seconds);
      if (flags.json) {
        const { run: path, weights } = { run: run.path, weights: run.best };
        printJson({ command: 'start', run: path, weights, seconds, ...resultJson(result.splits) });
      }
    });
}

/** The configuration, and the run that is resumed. A given configuration must be the run's own. */
async function chooseRun(
  flags: StartFlags,
  command: Command,
): Promise<{ readonly config: TrainerConfig; readonly resumed?: RunDirectory }> {
  if (flags.resume === undefined) return { config: await configOf(flags) };
  if (flags.run !== undefined) throw new UsageError('--run and --resume: give one of them.');
  const given = command.getOptionValueSource('config') === 'cli' || flags.set.length > 0;
  if (flags.resume !== true && !given) {
    const resumed = await existingRun(userPath(flags.resume));
    return { config: await loadConfig(resumed.config), resumed };
  }
  const config = await configOf(flags);
  const resumed = flags.resume === true ? await newestRun(config) : await existingRun(userPath(flags.resume));
  assertSameConfig(await loadConfig(resumed.config), config, `--resume ${resumed.path}`);
  return { config, resumed };
}

function printSummary(
  config: TrainerConfig,
  run: RunDirectory,
  result: TrainingResult,
  dataset: Dataset,
  seconds: number,
): void {
  const { image, expression } = firstQuestion(dataset);
  const { splits, epochs, steps, bestEpoch, criterion, time } = result;
  const hasReport = splits.some(({ evaluation }) => evaluation);
  const memory = (process.resourceUsage().maxRSS / 2 ** 20).toFixed(2);
  const pace = time
    ? `, ${time.secondsPerStep.toFixed(3)} s per step, ${(100 * time.overhead).toFixed(1)} % of it outside the graph`
    : '';
  const chosen = criterion === 'last' ? `epoch ${bestEpoch} kept, the last` : `best epoch ${bestEpoch} by ${criterion}`;
  const table = splits.length ? `${resultTable(config.model.name, splits)}\n\n` : '';
  const report = hasReport ? run.report : 'none, since no split has boxes to score against: accuracy is unknown';
  process.stdout.write(
    `\n${table}${epochs} epochs, ${steps} steps, ${chosen}; ${formatDuration(seconds)}, ` +
      `at most ${memory} GiB resident${pace}\n` +
      `report: ${report}\nTensorBoard: tensorboard --logdir ${quoteArgument(run.path)}\nweights: ${run.best}\n` +
      `next: ${pnpmCommand} --filter trainer ground --weights ${quoteArgument(run.best)} --image ${quoteArgument(image)} --out boxed.png ${quoteArgument(expression)}\n`,
  );
}
