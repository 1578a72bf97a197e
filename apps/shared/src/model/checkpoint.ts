import {
  type CheckpointKinds,
  type Checkpoint as CheckpointOf,
  type DeferredCheckpoint as DeferredCheckpointOf,
  deferCheckpoint as deferCheckpointOf,
  loadCheckpoint as loadCheckpointOf,
} from '@refclip/referring';
import type { TrainerConfig } from '../config/config-schema.js';
import { createModel } from './create-model.js';
import { type KnownModel, modelKind, modelKinds } from './model-kinds.js';

/** A checkpoint of one of the models that the applications know. */
export type Checkpoint = CheckpointOf<KnownModel>;

/** The same, whose tensors are read when a program is built with them. */
export type DeferredCheckpoint = DeferredCheckpointOf<KnownModel>;

const kinds: CheckpointKinds<KnownModel> = modelKinds;

/**
 * Reads a checkpoint of any known model; see `loadCheckpoint` of `@refclip/referring`.
 *
 * @param expected  a configuration whose model it must be; a difference is reported by its tensors.
 */
export async function loadCheckpoint(file: string, expected?: TrainerConfig): Promise<Checkpoint> {
  if (!expected) return await loadCheckpointOf(file, kinds);
  const { name } = expected.model;
  const { isOptional } = modelKind(name);
  return await loadCheckpointOf<KnownModel>(file, {
    [name]: { restore: (_, words) => createModel(expected, words), isOptional },
  });
}

/**
 * Opens a checkpoint of any known model for inference; see `deferCheckpoint` of `@refclip/referring`.
 *
 * @param digests  a folder that remembers digests of files.
 */
export async function deferCheckpoint(file: string, digests?: string): Promise<DeferredCheckpoint> {
  return await deferCheckpointOf<KnownModel>(file, { kinds, digests });
}
