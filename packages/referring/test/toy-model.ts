import { declareParameters, linear } from '@refclip/nn';
import { gruAttentionEncoder } from '@refclip/text';
import { COCO_PRIORS, createDetector, declareUnusedProjections } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import type { CheckpointKind, CheckpointModel } from '../src/checkpoint/checkpoint.js';

/** Sizes of the toy. */
export interface ToyOptions {
  readonly words: number;
  readonly textHidden: number;
}

const start = 'visual_encoder.';
const detector = createDetector({ width: 1 / 32, inputSize: 64, classes: 2, priors: COCO_PRIORS });

/** The detector's tensors by names without `visual_encoder.`. */
export const detectorParameters = detector.parameters;

/** A model with a detector, a text encoder, unused projections and a linear layer, as files hold it; it cannot be run. */
export function createToyModel({ words, textHidden }: ToyOptions): CheckpointModel {
  const { feature13, feature26, feature52 } = detector.shapes(1);
  const spec = (shape: readonly number[]) => ({ shape, dtype: 'float32' }) as const;
  const { parameters } = declareParameters(
    (scope, { tokens, ...features }) => {
      const encoder = { words, dimension: 3, hidden: textHidden, layers: 1, dropout: 0.1 };
      const { sentenceEmbedding } = gruAttentionEncoder(scope.child('lang_encoder'), tokens as tf.Tensor2D, encoder);
      linear(scope.child('linear_ts'), sentenceEmbedding, { features: textHidden });
      const maps = features as Record<'feature13' | 'feature26' | 'feature52', tf.Tensor4D>;
      declareUnusedProjections(scope.child('multi_scale_manner'), maps, { hidden: 16 });
    },
    {
      tokens: { shape: [1, 4], dtype: 'int32' },
      feature13: spec(feature13),
      feature26: spec(feature26),
      feature52: spec(feature52),
    },
  );
  const own = detector.parameters.map((tensor) => ({ ...tensor, name: start + tensor.name }));
  return { name: 'refclip', options: { words, textHidden }, parameters: [...own, ...parameters] };
}

/** Whether a tensor belongs to a head that files may lack. */
export function isUnusedHead(name: string): boolean {
  return /^(visual_encoder\.)?module_list\.(28|37)\./.test(name);
}

/** How the toy comes out of a checkpoint. */
export const toyKinds: Readonly<Record<string, CheckpointKind<CheckpointModel>>> = {
  refclip: { restore: (options) => createToyModel(options as ToyOptions), isOptional: isUnusedHead },
};
