import { declareParameters, type ParameterSpec, type Scope } from '@refclip/nn';
import type * as tf from '@tensorflow/tfjs';
import { scaleChannels } from '../backbones/scale-channels.js';
import { type Detections, detect } from './detect.js';
import {
  type DetectorOptions,
  type ResolvedDetectorOptions,
  resolveDetectorOptions,
  STRIDES,
  type Stride,
} from './detector-options.js';

/** A YOLOv3 of certain sizes. */
export interface Detector {
  readonly options: ResolvedDetectorOptions;
  /** Every tensor of the model, all three heads included: what weight files hold. Names as in the official files. */
  readonly parameters: readonly ParameterSpec[];
  /** Shapes of what `detect` returns for a number of images. */
  shapes(batch: number): {
    readonly feature13: readonly number[];
    readonly feature26: readonly number[];
    readonly feature52: readonly number[];
    readonly boxes: Readonly<Record<Stride, readonly number[]>>;
  };
  /** See `detect`; as a layer, on `scope.frozen()` for running statistics. */
  detect(scope: Scope, images: tf.Tensor4D, heads?: { readonly heads?: readonly Stride[] }): Detections;
}

/**
 * A detector of the given sizes; by default the paper's.
 *
 * @throws {ConfigError} listing every option out of range.
 */
export function createDetector(options: DetectorOptions = {}): Detector {
  const resolved = resolveDetectorOptions(options);
  let declared: readonly ParameterSpec[] | undefined;
  return {
    options: resolved,
    get parameters() {
      // Names and shapes do not depend on the input's size; 64 pixels keep batch statistics defined.
      const images = { shape: [1, 64, 64, 3], dtype: 'float32' } as const;
      declared ??= inOfficialOrder(
        declareParameters(
          (scope, inputs) => detect(scope, inputs.images as tf.Tensor4D, resolved, { heads: STRIDES }),
          { images },
        ).parameters,
      );
      return declared;
    },
    shapes: (batch) => {
      const map = (stride: Stride) => {
        const side = resolved.inputSize / stride;
        return [batch, side, side, scaleChannels(32 * stride, resolved.width)];
      };
      const boxes = (stride: Stride) => {
        const side = resolved.inputSize / stride;
        return [batch, side * side, resolved.priors[stride].length + 1, 5 + resolved.classes];
      };
      return {
        feature13: map(32),
        feature26: map(16),
        feature52: map(8),
        boxes: { 32: boxes(32), 16: boxes(16), 8: boxes(8) },
      };
    },
    detect: (scope, images, heads) => detect(scope, images, resolved, heads),
  };
}

/** Sorted by index in the list of modules, as the official files are; the heads are declared after the features. */
function inOfficialOrder(specs: readonly ParameterSpec[]): ParameterSpec[] {
  const indexOf = ({ name }: ParameterSpec) => Number(name.split('.')[1]);
  return [...specs].sort((a, b) => indexOf(a) - indexOf(b));
}
