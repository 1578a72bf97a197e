import { type DeferredWeights, deferWeights } from '../weights/defer-weights.js';
import type { CheckpointDescription, CheckpointKinds, CheckpointModel } from './checkpoint.js';
import { readDescription } from './read-description.js';

/** A whole model whose tensors are read when a program is built with them. */
export type DeferredCheckpoint<Model extends CheckpointModel> = CheckpointDescription<Model> &
  Pick<DeferredWeights, 'values' | 'close'>;

/** How a checkpoint is deferred. */
export interface DeferCheckpointOptions<Model extends CheckpointModel> {
  /** Those that may be in the file, by name. */
  readonly kinds: CheckpointKinds<Model>;
  /** A folder that remembers digests of files, so that an unchanged file is not read to be named. Absent: it is read. */
  readonly digests?: string | undefined;
}

/**
 * Opens a checkpoint as `loadCheckpoint` does and leaves its tensors where they are until a program needs them; see {@link deferWeights}. Close it when its
 * programs are built.
 *
 * @throws as `loadCheckpoint`.
 */
export async function deferCheckpoint<Model extends CheckpointModel>(
  file: string,
  { kinds, digests }: DeferCheckpointOptions<Model>,
): Promise<DeferredCheckpoint<Model>> {
  const { kind, ...description } = await readDescription(file, kinds);
  const optional = (name: string) => kind.isOptional?.(name) === true;
  const { values, close } = await deferWeights(file, description.model.parameters, { optional, digests });
  return { ...description, values, close };
}
