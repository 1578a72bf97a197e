import { type OnProgress, withProgress } from '@refclip/furniture';
import { createImageIndex } from '@refclip/records';
import { UsageError } from '@refclip/structures';
import { type EvaluatedFile, evaluateFile } from '../files/evaluate-file.js';
import { loadTruth } from '../files/load-truth.js';
import { readTextFile } from '../files/read-text-file.js';
import type { ImageSizes } from '../predictions/parse-text-rows.js';
import { parseExclusions } from '../truth/parse-exclusions.js';
import type { TruthSet } from '../truth/truth-set.js';
import { type CliStreams, terminalOf } from './cli-streams.js';
import type { EvaluationOptions, ReadingOptions } from './evaluation-options.js';

/** An evaluated file and its name. */
export interface NamedFile extends EvaluatedFile {
  readonly file: string;
}

/** The annotations of a command, and the image sizes in them. */
export async function readAnnotations(options: ReadingOptions) {
  if (options.instances !== undefined && options.annotations === undefined) {
    throw new UsageError('--instances belongs to --annotations, which is missing.');
  }
  const truth: TruthSet | undefined =
    options.annotations === undefined
      ? undefined
      : await loadTruth(options.annotations, { split: options.split, instances: options.instances });
  const sizes = new Map(
    truth?.expressions.flatMap(({ imageId, width, height }) => (width && height ? [[imageId, { width, height }]] : [])),
  );
  const index = createImageIndex(sizes.keys(), options.annotations);
  const imageSizes: ImageSizes = { get: (image) => sizes.get(index.resolve(image) ?? image) };
  return { truth, imageSizes };
}

/** Evaluates every prediction file of a command, one after the other. */
export async function evaluateFiles(
  options: EvaluationOptions,
  streams: CliStreams,
  keepCases = false,
): Promise<readonly NamedFile[]> {
  const { truth, imageSizes } = await readAnnotations(options);
  const exclude =
    options.exclude === undefined ? undefined : parseExclusions(await readTextFile(options.exclude), options.exclude);
  const results: NamedFile[] = [];
  for (const file of options.predictions) {
    const threshold = options.thresholds[0];
    const evaluate = (onProgress: OnProgress) =>
      evaluateFile(file, { ...options, truth, exclude, imageSizes, threshold, keepCases, onProgress });
    const evaluated = await withProgress(`reading ${file}`, 'bytes', evaluate, terminalOf(streams));
    for (const note of evaluated.notes) streams.error(`${file}: ${note}\n`);
    results.push({ file, ...evaluated });
  }
  return results;
}
