import { UsageError } from '@refclip/structures';
import { openSession } from './asking-session.js';
import type { OpenModelOptions } from './open-model-options.js';
import { openPool } from './open-pool.js';
import type { OpenedModel } from './opened-model.js';

/**
 * Opens a model to ask it for boxes.
 *
 * @param file  a checkpoint of RefCLIP or of one of its students: what a training writes (`best.safetensors`) or `import-weights` makes of official weights. It holds the whole
 *   model, its words too.
 * @throws {FileError} when it cannot be read; {DataFormatError} when it is no checkpoint; {WeightsError} listing every tensor that does not fit; {BackendError} when an engine
 *   or device that was asked for does not work here; {UsageError} for options out of range. With `workers`, errors have the same `code` and message and are of the class {RefclipError}.
 * @example
 * await using model = await openModel('best.safetensors');
 * const [answer] = await model.ground('photo.jpg', ['the red star']);
 * console.log(answer?.box); // [ 12.5, 40.1, 88.0, 131.7 ]
 */
export async function openModel(file: string, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const { workers = 0 } = options;
  if (!(Number.isInteger(workers) && workers >= 0))
    throw new UsageError(`openModel: workers is ${workers}; expected a whole number from 0.`);
  return workers ? await openPool(file, workers, options) : await openSession(file, options);
}
