import type { ModelKind } from '@refclip/referring';
import { RefclipError } from '@refclip/structures';
import { type KnownModel, modelKinds } from 'refclip';
import type { ModelConfig } from '../config/model-schemas.js';

export { type KnownModel, modelKinds };

// Each model that a configuration may name can be opened.
modelKinds satisfies Record<ModelConfig['name'], ModelKind>;

/** The kind of a model. @param name of the model. @throws {RefclipError} when there is none of this name. */
export function modelKind(name: string): ModelKind<KnownModel> {
  if (!isKnown(name)) throw new RefclipError('usage', `internal: no kind of model is called ${name}.`);
  return modelKinds[name];
}

/** Whether there is a kind of this name. */
export function isKnown(name: string): name is ModelConfig['name'] {
  return Object.hasOwn(modelKinds, name);
}
