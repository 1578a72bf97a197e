import { type HostTensor, hostTensor } from '@refclip/runtime';
import type { Letterbox, XyxyBox } from '@refclip/structures';

/** The largest value of a target, which keeps the cell of a box's centre inside the grid. */
const largest = 0.99;

/** The box that an expression means, and how its image lies in the network's input. */
export interface BoxLabel {
  /** In image pixels; `null` where there is none: no cell is positive then. */
  readonly box: XyxyBox | null;
  readonly letterbox: Letterbox;
}

/**
 * Boxes as students learn them: fractions of the letterboxed square, each clipped to [0, 0.99].
 *
 * The clipping also shortens boxes as wide or high as the square, as the official code does; it belongs to training alone.
 *
 * @returns float32 `[B, 4]`: cx, cy, w, h; zeros for no box.
 * @see Luo et al. 2022, What Goes beyond Multi-modal Fusion in One-stage Referring Expression Comprehension (SimREC), official release
 */
export function encodeBoxTargets(labels: readonly BoxLabel[]): HostTensor {
  const data = new Float32Array(4 * labels.length);
  labels.forEach(({ box, letterbox }, row) => {
    if (!box) return;
    const { size, imageWidth, imageHeight, resizedWidth, resizedHeight, padX, padY } = letterbox;
    const [x1, y1, x2, y2] = box;
    const target = [
      (((x1 / imageWidth + x2 / imageWidth) / 2) * resizedWidth + padX) / size,
      (((y1 / imageHeight + y2 / imageHeight) / 2) * resizedHeight + padY) / size,
      ((x2 - x1) * resizedWidth) / imageWidth / size,
      ((y2 - y1) * resizedHeight) / imageHeight / size,
    ];
    data.set(
      target.map((value) => Math.min(largest, Math.max(0, value))),
      4 * row,
    );
  });
  return hostTensor(data, [labels.length, 4]);
}
