import { imageKey } from '@refclip/records';
import type { XyxyBox } from '@refclip/structures';
import type { BoxFormat } from '../boxes/box-format.js';
import type { RunLengthMask } from './prediction-record.js';
import type { PredictionRow } from './prediction-row.js';
import { type PlacedValue, readBox, readId, readMask, readOptionalNumber, wrongField } from './read-field.js';

interface Result {
  readonly box: XyxyBox | undefined;
  readonly score: number | undefined;
  readonly mask: RunLengthMask | undefined;
}

/**
 * COCO results `[{image_id, category_id, bbox, score, segmentation}]`, boxes xywh unless told otherwise, gathered per `image_id`.
 *
 * The boxes of an image are ranked by score; without scores they keep their order. `image_id` is both image and expression
 * id, because files for referring expressions number their expressions there. The mask of the best result counts.
 */
export function parseCocoRows(values: readonly PlacedValue[], boxFormat: BoxFormat = 'xywh'): PredictionRow[] {
  const images = new Map<string, { at: string; results: Result[] }>();
  for (const { value, place } of values) {
    const image = readId(value.image_id, place, 'image_id');
    const score = readOptionalNumber(value.score, place, 'score');
    const box = value.bbox === undefined ? undefined : readBox(value.bbox, boxFormat, place, 'bbox');
    // Beside a box, pycocotools' `loadRes` writes the box once more as a polygon.
    const isPolygon = box !== undefined && Array.isArray(value.segmentation);
    const mask =
      value.segmentation === undefined || isPolygon ? undefined : readMask(value.segmentation, place, 'segmentation');
    if (!box && !mask) throw wrongField(place, 'bbox', 'a box or a segmentation', undefined);
    const entry = images.get(image) ?? { at: place.record, results: [] };
    images.set(image, entry);
    entry.results.push({ box, score, mask });
  }
  return Array.from(images, ([image, { at, results }]) => {
    const ranked = results
      .map((result, i) => ({ ...result, i }))
      .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.i - b.i);
    return {
      at: at.startsWith('line ') ? at : `record ${at}`,
      id: image,
      imageId: imageKey(image),
      boxes: ranked.flatMap(({ box }) => (box ? [box] : [])),
      score: ranked[0]!.score,
      mask: ranked[0]!.mask,
    };
  });
}
