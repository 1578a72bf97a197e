import { basename } from 'node:path';
import { createProgress, detectorBatch, engineOf, interruptionSignal, type TrainerConfig } from '@refclip/app-shared';
import { createGrounder, type RefClip } from '@refclip/core';
import { type ImageQueries, isLabeled, LabelFileWriter, type LabelHeader } from '@refclip/data';
import { yieldToSignals } from '@refclip/furniture';
import { type Checkpoint, FrozenOutputCache } from '@refclip/referring';
import packageJson from '../../package.json' with { type: 'json' };
import { labelImages } from './label-images.js';
import { digestOfFile, type LabelSource } from './label-source.js';

/** Images that are labelled together and written at once: what a killed run loses at most. */
const imagesPerChunk = 32;
/** Expressions per run of the text encoder. */
const textBatch = 32;

/** What {@link describeLabels} and {@link writeLabels} need. */
export interface LabelingJob {
  readonly config: TrainerConfig;
  readonly source: LabelSource;
  readonly checkpoint: Checkpoint<RefClip>;
  /** File of the checkpoint. */
  readonly weights: string;
  /** Images per run of the model. */
  readonly batchSize: number;
  /** Which part is labelled; `index` from 1. */
  readonly shard: LabelHeader['shard'];
}

/** How a labelling went; `expressions` and `seconds` are those of this run alone. */
export interface LabelingResult {
  readonly header: LabelHeader;
  readonly expressions: number;
  readonly seconds: number;
}

/** All that decides about the labels: two runs with equal headers write equal files. */
export async function describeLabels(job: LabelingJob): Promise<LabelHeader> {
  const { config, source, checkpoint, weights, batchSize, shard } = job;
  const { split, sha256, records, expressions, images } = source;
  return {
    format: 'refclip-labels-1',
    version: packageJson.version,
    model: { ...checkpoint.model.options },
    weights: { file: basename(weights), sha256: await digestOfFile(weights), notes: { ...checkpoint.notes } },
    data: { file: basename(config.data.annotations), sha256, split, records, expressions, images: images.length },
    configuration: {
      name: config.name,
      brokenImages: config.data.brokenImages,
      cache: config.detector.cache.enabled ? config.detector.cache.precision : 'none',
      batchSize,
    },
    plan: { imagesPerChunk, chunks: Math.ceil(images.length / imagesPerChunk) },
    shard,
  };
}

/**
 * Labels what a label file still lacks, a chunk at a time; memory does not grow with the data set.
 *
 * @param file  label file to write.
 * @param resume  goes on with a file that is there.
 * @throws {UsageError} when there is a file that may not or cannot be gone on with; whatever {@link labelImages} throws.
 */
export async function writeLabels(file: string, job: LabelingJob, resume: boolean): Promise<LabelingResult> {
  const header = await describeLabels(job);
  const writer = await LabelFileWriter.open(file, header, resume ? 'resume' : 'new');
  if (writer === 'finished') return { header, expressions: 0, seconds: 0 };
  try {
    return { header, ...(await labelChunks(writer, job)) };
  } catch (error) {
    await writer.close();
    throw error;
  }
}

async function labelChunks(
  writer: LabelFileWriter,
  { config, source, checkpoint: { model, values, vocabulary }, batchSize }: LabelingJob,
): Promise<Omit<LabelingResult, 'header'>> {
  const engine = await engineOf(config);
  const { enabled, directory, precision } = config.detector.cache;
  // Each image is read once: nothing of the cache stays in memory.
  const cache = enabled ? await FrozenOutputCache.open({ directory, precision, model, values, memory: 0 }) : undefined;
  const batch = detectorBatch(model.options);
  const detector = createGrounder({ engine, model, values, imageBatch: batch });
  const grounder = createGrounder({ engine, model, values, imageBatch: batchSize, textBatch });
  const imagesOf = (chunk: number): readonly ImageQueries[] =>
    source.images.slice(chunk * imagesPerChunk, (chunk + 1) * imagesPerChunk);
  const todo = [...writer.todo];
  const total = todo.flatMap(imagesOf).reduce((sum, { queries }) => sum + queries.length, 0);
  const started = performance.now();
  const progress = createProgress('labelling', total, 'expressions');
  let expressions = 0;
  for (const chunk of todo) {
    await yieldToSignals(interruptionSignal());
    const images = imagesOf(chunk);
    const entries = await labelImages(images, {
      model,
      vocabulary,
      folder: source.folder,
      cache,
      detector,
      detectorBatch: batch,
      grounder,
      brokenImages: config.data.brokenImages,
      workers: config.data.workers,
    });
    await writer.append(chunk, entries);
    for (const entry of entries)
      if (!isLabeled(entry)) process.stderr.write(`skipped: ${entry.image}: ${entry.broken}\n`);
    expressions += images.reduce((sum, { queries }) => sum + queries.length, 0);
    progress.update(expressions);
  }
  await writer.finish();
  progress.finish();
  const seconds = (performance.now() - started) / 1000;
  await Promise.all([detector.dispose(), grounder.dispose()]);
  await engine.dispose();
  return { expressions, seconds };
}
