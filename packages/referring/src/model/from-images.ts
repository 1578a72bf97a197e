import type { Scope } from '@refclip/nn';
import type { NamedTensors, TensorSpec } from '@refclip/runtime';
import type * as tf from '@tensorflow/tfjs';
import type { ReferringModel } from './referring-model.js';

/**
 * The same model reading images: its frozen part runs in every program instead of once per image. A model without a frozen part is returned as it is.
 */
export function fromImages(model: ReferringModel): ReferringModel {
  const { frozenOutputs, ...rest } = model;
  if (!frozenOutputs) return model;
  const compute = (scope: Scope, { images, ...others }: NamedTensors): NamedTensors => ({
    ...others,
    ...frozenOutputs(scope.frozen(), images as tf.Tensor4D),
  });
  return {
    ...rest,
    imageInputs(batch): Readonly<Record<string, TensorSpec>> {
      return { images: { shape: [batch, model.inputSize, model.inputSize, 3], dtype: 'uint8' } };
    },
    trainLoss: (scope, batch, options) => model.trainLoss(scope, compute(scope, batch), options),
    encodeImages: (scope, inputs) => model.encodeImages(scope, compute(scope, inputs)),
  };
}
