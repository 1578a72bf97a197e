import { declareParameters, linear, type ParameterSpec, type Scope } from '@refclip/nn';
import type { ReferringModel } from '@refclip/referring';
import type { NamedTensors, TensorSpec } from '@refclip/runtime';
import { gruAttentionEncoder } from '@refclip/text';
import {
  createDetector,
  type Detector,
  declareUnusedProjections,
  multiScaleFusion,
  normalizeImages,
} from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { anchorContrastiveLoss } from '../matching/anchor-contrastive-loss.js';
import { locateAnchors } from '../matching/locate-anchors.js';
import { pickRows, selectAnchors } from '../selection/select-anchors.js';
import {
  type DetectorMode,
  type RefClipOptions,
  type ResolvedRefClipOptions,
  resolveRefClipOptions,
} from './refclip-options.js';

/** Numbers per box that are kept of the detector's: cx, cy, w, h, objectness and the category of the highest score. */
const boxNumbers = 6;

/** A RefCLIP model of certain sizes: layers without weights. Layers take a scope at the model's root. */
export interface RefClip extends ReferringModel {
  readonly name: 'refclip';
  readonly options: ResolvedRefClipOptions;
  readonly detector: Detector;
  /** Every tensor of the model by its official name, unused projections and all three detector heads included. */
  readonly parameters: readonly ParameterSpec[];
  /** Shapes of {@link RefClip.detectorOutputs} for a number of images. */
  detectorOutputSpecs(batch: number): Readonly<Record<'feature13' | 'feature26' | 'feature52' | 'boxes', TensorSpec>>;
  /**
   * What the detector makes of images: all that the rest of the model reads, a constant of the image.
   *
   * @param images  int32 or float32 `[B, S, S, 3]`, RGB in 0…255, letterboxed.
   * @returns `feature13`, `feature26`, `feature52`: `[B, H, W, C]`; `boxes`: `[B, cells, 4, 6]`, see `decodeBoxes`, the scores of the
   *   categories replaced by the number of the best.
   */
  detectorOutputs(
    scope: Scope,
    images: tf.Tensor4D,
    mode?: DetectorMode,
  ): Readonly<Record<'feature13' | 'feature26' | 'feature52' | 'boxes', tf.Tensor4D>>;
  /**
   * Embeddings and boxes of the kept anchors.
   *
   * @param outputs  of {@link RefClip.detectorOutputs}.
   * @returns `anchors` `[B, K, textHidden]`, `boxes` `[B, K, 4, 6]` in network-input pixels, `cells` int32 `[B, K]`.
   */
  embedImages(
    scope: Scope,
    outputs: NamedTensors,
  ): { readonly anchors: tf.Tensor3D; readonly boxes: tf.Tensor4D; readonly cells: tf.Tensor2D };
  /** @param tokens int32 `[N, T]`. @returns `[N, textHidden]`. */
  embedTexts(scope: Scope, tokens: tf.Tensor2D): tf.Tensor2D;
  /** `anchors` and `boxes` of {@link RefClip.embedImages}. */
  encodeImages(scope: Scope, inputs: NamedTensors): NamedTensors;
}

/**
 * A RefCLIP model of the given sizes.
 *
 * @throws {ConfigError} listing every option out of range.
 * @see Jin et al. 2023, RefCLIP: A Universal Teacher for Weakly Supervised Referring Expression Comprehension, CVPR
 */
export function createRefClip(given: RefClipOptions): RefClip {
  const options = resolveRefClipOptions(given);
  const { width, inputSize, classes, priors, textHidden } = options;
  const detector = createDetector({ width, inputSize, classes, priors });
  const shapes = detector.shapes(1);
  const hidden = shapes.feature13[3] as number;
  let declared: readonly ParameterSpec[] | undefined;

  const fixed = options.detectorBatchNorm === 'frozen';
  const imageSpec = (batch: number): TensorSpec => ({ shape: [batch, inputSize, inputSize, 3], dtype: 'uint8' });

  const model: RefClip = {
    name: 'refclip',
    inputSize,
    maxTokens: options.maxTokens,
    supervision: 'none',
    trainingSides: [inputSize],
    frozenKey: JSON.stringify(priors),
    options,
    detector,
    get parameters() {
      declared ??= declareAll(model, hidden);
      return declared;
    },
    detectorOutputSpecs(batch) {
      const { feature13, feature26, feature52, boxes } = detector.shapes(batch);
      const spec = (shape: readonly number[]): TensorSpec => ({ shape, dtype: 'float32' });
      const kept = [...boxes[32].slice(0, 3), boxNumbers];
      return { feature13: spec(feature13), feature26: spec(feature26), feature52: spec(feature52), boxes: spec(kept) };
    },
    detectorOutputs(scope, images, mode = 'frozen') {
      const own = scope.child('visual_encoder');
      const { feature13, feature26, feature52, boxes } = detector.detect(
        mode === 'frozen' ? own.frozen() : own,
        normalizeImages(images),
      );
      const [box, categories] = tf.split(boxes[32] as tf.Tensor4D, [5, classes], 3) as [tf.Tensor4D, tf.Tensor4D];
      const category = tf.expandDims(tf.cast(tf.argMax(categories, 3), 'float32'), 3);
      return { feature13, feature26, feature52, boxes: tf.concat([box, category], 3) as tf.Tensor4D };
    },
    embedImages(scope, outputs) {
      const { feature13, feature26, feature52, boxes } = outputs as Record<string, tf.Tensor4D> &
        Record<'feature13' | 'feature26' | 'feature52' | 'boxes', tf.Tensor4D>;
      const fused = multiScaleFusion(
        scope.child('multi_scale_manner'),
        { feature13, feature26, feature52 },
        { hidden },
      );
      const [batch, height, columns] = fused.shape;
      const cells = selectAnchors(boxes, options.anchorsPerImage);
      const kept = pickRows(tf.reshape(fused, [batch, height * columns, hidden]), cells);
      const flat = tf.reshape(boxes, [batch, height * columns, -1]) as tf.Tensor3D;
      return {
        anchors: linear(scope.child('linear_vs'), kept, { features: textHidden }) as tf.Tensor3D,
        boxes: tf.reshape(pickRows(flat, cells), [batch, options.anchorsPerImage, -1, boxNumbers]),
        cells,
      };
    },
    embedTexts(scope, tokens) {
      const { sentenceEmbedding } = gruAttentionEncoder(scope.child('lang_encoder'), tokens, {
        words: options.words,
        dimension: options.wordDimension,
        hidden: textHidden,
        layers: options.attentionLayers,
        dropout: options.dropout,
      });
      return linear(scope.child('linear_ts'), sentenceEmbedding, { features: textHidden }) as tf.Tensor2D;
    },
    imageInputs: (batch) => (fixed ? model.detectorOutputSpecs(batch) : { images: imageSpec(batch) }),
    ...(fixed ? { frozenOutputs: (scope: Scope, images: tf.Tensor4D) => model.detectorOutputs(scope, images) } : {}),
    trainLoss(scope, batch) {
      const outputs = fixed ? batch : model.detectorOutputs(scope, batch.images as tf.Tensor4D, 'batch');
      const { anchors } = model.embedImages(scope, outputs);
      const texts = model.embedTexts(scope, batch.tokens as tf.Tensor2D);
      const { negativeAnchorAugmentation } = options;
      const { loss, retrieval } = anchorContrastiveLoss(anchors, texts, { negativeAnchorAugmentation });
      return { loss, metrics: { retrieval } };
    },
    encodeImages(scope, inputs) {
      const { anchors, boxes } = model.embedImages(
        scope,
        fixed ? inputs : model.detectorOutputs(scope, inputs.images as tf.Tensor4D),
      );
      return { anchors, boxes };
    },
    locate: (scope, encoded, tokens) =>
      locateAnchors(encoded.anchors as tf.Tensor3D, encoded.boxes as tf.Tensor4D, model.embedTexts(scope, tokens)),
    isTrainable: (name) => !name.startsWith('visual_encoder.') && name !== 'lang_encoder.embedding.weight',
  };
  return model;
}

/**
 * Whether a tensor belongs to one of the two detector heads that RefCLIP does not run (strides 16 and 8): official files hold them, detectors trained here do not.
 *
 * @param name  in the detector or in the whole model.
 */
export function isUnusedHead(name: string): boolean {
  return /^(visual_encoder\.)?module_list\.(28|37)\./.test(name);
}

/** Every tensor: the detector's, the text encoder's, the fusion's with its unused parts, and the two linear layers. */
function declareAll(model: RefClip, hidden: number): readonly ParameterSpec[] {
  const { parameters } = declareParameters(
    (scope, inputs) => {
      model.embedTexts(scope, inputs.tokens as tf.Tensor2D);
      model.embedImages(scope, inputs);
      const { feature13, feature26, feature52 } = inputs as Record<
        'feature13' | 'feature26' | 'feature52',
        tf.Tensor4D
      >;
      declareUnusedProjections(scope.child('multi_scale_manner'), { feature13, feature26, feature52 }, { hidden });
    },
    { tokens: { shape: [1, model.options.maxTokens], dtype: 'int32' }, ...model.detectorOutputSpecs(2) },
  );
  const detector = model.detector.parameters.map((spec) => ({ ...spec, name: `visual_encoder.${spec.name}` }));
  return [...detector, ...parameters];
}
