import { refClipKind } from '@refclip/core';
import type { ModelKind } from '@refclip/referring';
import { RefclipError } from '@refclip/structures';
import { realGinKind, simRecKind } from '@refclip/students';
import type { ModelConfig } from '../config/model-schemas.js';

/** Every kind of model by its name in configurations and checkpoints. */
export const modelKinds = {
  refclip: refClipKind,
  simrec: simRecKind,
  realgin: realGinKind,
} satisfies Record<ModelConfig['name'], ModelKind>;

/** One of the models in {@link modelKinds}; its `name` tells which. */
export type KnownModel = ReturnType<(typeof modelKinds)[ModelConfig['name']]['restore']>;

/** The kind of a model. @param name of the model. @throws {RefclipError} when there is none of this name. */
export function modelKind(name: string): ModelKind<KnownModel> {
  if (!isKnown(name)) throw new RefclipError('usage', `internal: no kind of model is called ${name}.`);
  return modelKinds[name];
}

/** Whether there is a kind of this name. */
export function isKnown(name: string): name is ModelConfig['name'] {
  return Object.hasOwn(modelKinds, name);
}
