import { type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import type { Letterbox } from '@refclip/structures';
import type { ImageBatch, ImageRef } from './image-source.js';

/**
 * A batch with its images singly; nothing is copied.
 *
 * @param inputs  `[B, …]` each.
 * @param letterboxes  `[B]`
 */
export function toImageBatch<T extends ImageRef>(
  items: readonly T[],
  inputs: NamedHostTensors,
  letterboxes: readonly Letterbox[],
): ImageBatch<T> {
  const images = letterboxes.map((letterbox, at) => {
    const own = Object.entries(inputs).map(([name, { data, shape, dtype }]): [string, HostTensor] => {
      const size = data.length / (shape[0] as number);
      return [name, hostTensor(data.subarray(at * size, (at + 1) * size), shape.slice(1), dtype)];
    });
    return { inputs: Object.fromEntries(own), letterbox };
  });
  return { items, inputs, images };
}
