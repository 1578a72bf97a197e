import { access, constants } from 'node:fs/promises';
import { UsageError } from '@refclip/structures';
import type { TrainerConfig } from './config-schema.js';

/**
 * That every file and folder that a configuration reads is there, before anything is computed.
 *
 * @param needsTraining  whether the model starts from the configured weights and word vectors; a finished one brings its own.
 * @throws {UsageError} naming all that are not, with the entry that names each.
 */
export async function assertInputFiles(
  { data, detector, wordVectors, supervision }: TrainerConfig,
  needsTraining: boolean,
): Promise<void> {
  const inputs: readonly (readonly [entry: string, path: string | null | undefined])[] = [
    ['data.annotations', data.annotations],
    ['data.images', data.images],
    ['detector.weights', needsTraining ? detector.weights : null],
    ['wordVectors.file', needsTraining && wordVectors.kind === 'file' ? wordVectors.file : null],
    ['supervision.labels', needsTraining ? supervision.labels : null],
  ];
  const problems: { readonly entry: string; readonly text: string }[] = [];
  for (const [entry, path] of inputs) {
    if (!path) continue;
    const problem = await access(path, constants.R_OK).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`),
    );
    if (problem) problems.push({ entry, text: `${entry}: ${path} ${problem}` });
  }
  const [first] = problems;
  if (!first) return;
  const list = problems.map(({ text }) => text).join('\n  ');
  throw new UsageError(
    `${problems.length} of the configured files cannot be used:\n  ${list}\nPut them there, or change the configuration (--set ${first.entry}=PATH).`,
  );
}
