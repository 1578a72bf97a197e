import { declareParameters, type Scope } from '@refclip/nn';
import type { Trunk, TrunkOptions } from '@refclip/referring';
import { COCO_PRIORS, guidedAnchorHead } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';

/** A student's trunk. */
export interface StudentTrunkOptions extends TrunkOptions {
  readonly description: string;
  readonly inputSize: number;
  /** See `Trunk.run`; gives the map of stride 32, `[B, S/32, S/32, C]`. */
  readonly map32: (scope: Scope, images: tf.Tensor4D) => tf.Tensor4D;
}

const headName = 'pretraining_head';

/** A trunk without a detector's head learns from boxes below a guided-anchor head that is thrown away. */
export function studentTrunk({ description, inputSize, map32, priors = COCO_PRIORS[32] }: StudentTrunkOptions): Trunk {
  const run: Trunk['run'] = (scope, images, classes) =>
    guidedAnchorHead(scope.child(headName), map32(scope, images), { boxes: priors.length + 1, classes });
  return {
    description,
    inputSize,
    priors,
    isKept: (name) => !name.startsWith(`${headName}.`),
    parameters: (classes) =>
      declareParameters(
        (scope, { images }) => {
          run(scope, images as tf.Tensor4D, classes);
        },
        // Names and shapes do not depend on the input's size; 64 pixels keep batch statistics defined.
        { images: { shape: [1, 64, 64, 3], dtype: 'float32' } },
      ).parameters,
    run,
  };
}
