import type { ParameterSpec } from '@refclip/nn';
import type { NamedHostTensors } from '@refclip/runtime';
import type { AnyModel, ModelKind } from '../kinds/model-kind.js';
import { loadWeights } from './load-weights.js';
import { type OpenWeights, openWeights } from './open-weights.js';

const prefix = 'visual_encoder.';

/** What reading weights needs to know of a kind. */
export type VisualKind = Pick<ModelKind, 'isOptional' | 'isOther' | 'lastDarknetLayer'>;

/** The part of a model that sees, as files of its own name it: without `visual_encoder.`. */
export function visualEncoderSpecs(model: Pick<AnyModel, 'parameters'>): readonly ParameterSpec[] {
  return model.parameters
    .filter(({ name }) => name.startsWith(prefix))
    .map((spec) => ({ ...spec, name: spec.name.slice(prefix.length) }));
}

/**
 * Weights of the part that sees, out of a file of its own, a whole checkpoint, or Darknet's weights (the trunk alone).
 *
 * @returns by names without `visual_encoder.`; of Darknet's weights the trunk, of others everything that the model runs.
 * @throws {WeightsError} listing everything that does not fit.
 */
export async function loadVisualEncoder(file: string, model: AnyModel, kind: VisualKind): Promise<NamedHostTensors> {
  const specs = visualEncoderSpecs(model);
  const opened = await openWeights(file, { specs: () => specs, lastDarknetLayer: kind.lastDarknetLayer });
  try {
    return await readVisualEncoder(opened, specs, kind);
  } finally {
    await opened.weights.close();
  }
}

/** As {@link loadVisualEncoder}, from weights that are open. */
export async function readVisualEncoder(
  { weights, isAbsent }: OpenWeights,
  specs: readonly ParameterSpec[],
  { isOptional, isOther }: VisualKind,
): Promise<NamedHostTensors> {
  const optional = (name: string) => isOptional(name) || isAbsent(name);
  return (await loadWeights(weights, specs, { within: prefix, optional, ...(isOther && { ignored: isOther }) })).values;
}
