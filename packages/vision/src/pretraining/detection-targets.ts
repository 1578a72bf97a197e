import { type HostTensor, hostTensor } from '@refclip/runtime';
import type { CxcywhBox } from '@refclip/structures';
import type { Prior } from '../yolov3/detector-options.js';

/** An object of an image: box in network-input pixels and category from 0. */
export interface DetectionObject {
  readonly box: CxcywhBox;
  readonly category: number;
}

/** Where and as what the head of one scale predicts. */
export interface DetectionTargetOptions {
  /** Pixels of the network's input per cell. */
  readonly stride: number;
  /** Side of the input, pixels. */
  readonly inputSize: number;
  readonly priors: readonly Prior[];
  readonly classes: number;
  /** Boxes of an object's cell whose size has a larger IoU with the object count neither as hit nor as miss. Default 0.5. */
  readonly ignoreThreshold?: number;
}

/** Numbers per box before the one-hot category: x, y in the cell, log sizes over the prior, positive, counted, weight. */
export const targetFields = 7;

/**
 * What a head should predict. An object belongs to the cell of its centre and there to the box (prior or anchor-free square) whose size overlaps it most;
 * of two objects for one box the later wins.
 *
 * @param images  objects of each image.
 * @returns float32 `[B, cells, A, 7 + C]`: `x`, `y` in [0, 1] of the cell, `log(w/prior)`, `log(h/prior)`, 1 where an object belongs, 1 where objectness
 *   counts, weight `2 − area share` of the box losses, one-hot category.
 * @see Redmon and Farhadi 2018, YOLOv3, section 2.1
 */
export function detectionTargets(
  images: readonly (readonly DetectionObject[])[],
  options: DetectionTargetOptions,
): HostTensor {
  const { stride, inputSize, classes, ignoreThreshold = 0.5 } = options;
  const side = inputSize / stride;
  const priors: readonly Prior[] = [...options.priors, [4 * stride, 4 * stride]];
  const fields = targetFields + classes;
  const boxes = priors.length;
  const data = new Float32Array(images.length * side * side * boxes * fields);
  for (let at = 0; at < data.length; at += fields) data[at + 5] = 1;
  images.forEach((objects, image) => {
    for (const { box, category } of objects) {
      const [cx, cy, w, h] = box;
      const column = Math.floor(cx / stride);
      const row = Math.floor(cy / stride);
      if (!(column >= 0 && row >= 0 && column < side && row < side && w > 0 && h > 0)) continue;
      const overlaps = priors.map(([width, height]) => sizeIou(w, h, width, height));
      const best = overlaps.indexOf(Math.max(...overlaps));
      const cell = (image * side * side + row * side + column) * boxes;
      overlaps.forEach((overlap, index) => {
        const at = (cell + index) * fields;
        if (index === best) {
          const [width, height] = priors[index] as Prior;
          data.fill(0, at, at + fields);
          data.set(
            [
              cx / stride - column,
              cy / stride - row,
              Math.log(w / width),
              Math.log(h / height),
              1,
              1,
              2 - (w * h) / inputSize ** 2,
            ],
            at,
          );
          data[at + targetFields + category] = 1;
        } else if (overlap > ignoreThreshold && data[at + 4] === 0) data[at + 5] = 0;
      });
    }
  });
  return hostTensor(data, [images.length, side * side, boxes, fields]);
}

/** IoU of two boxes with one centre. */
function sizeIou(w: number, h: number, width: number, height: number): number {
  const shared = Math.min(w, width) * Math.min(h, height);
  return shared / (w * h + width * height - shared);
}
