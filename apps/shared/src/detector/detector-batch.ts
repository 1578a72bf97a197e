import type { RefClip } from '@refclip/core';

/** Images per run of the detector: as many as take about the memory of two full-size ones. */
export function detectorBatch(model: RefClip): number {
  const { inputSize, width } = model.options;
  return Math.max(1, Math.min(16, Math.round(2 / ((inputSize / 416) ** 2 * width))));
}
