import type { TensorSpec } from '@refclip/runtime';
import { scaleChannels } from '@refclip/vision';

/**
 * Shapes of the maps that a student's frozen layers make: `map8`, `map16`, and `stem32`, the input of the first trained layer.
 *
 * Both trunks have 256, 512 and 1024 channels at width 1.
 */
export function strideSpecs(
  batch: number,
  { inputSize, width }: { readonly inputSize: number; readonly width: number },
): Readonly<Record<'map8' | 'map16' | 'stem32', TensorSpec>> {
  const map = (stride: number): TensorSpec => {
    const side = inputSize / stride;
    return { shape: [batch, side, side, scaleChannels(32 * stride, width)], dtype: 'float32' };
  };
  return { map8: map(8), map16: map(16), stem32: map(32) };
}
