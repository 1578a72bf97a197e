import { imageKey } from '@refclip/records';
import type { XyxyBox } from '@refclip/structures';
import { readArray, readBox, readId, readObject, readOptionalNumber, readText } from '../predictions/read-field.js';

/** What COCO's instance annotations say that referring annotations do not. */
export interface Instances {
  /** Size in pixels, by image key. */
  readonly images: ReadonlyMap<string, { readonly width: number; readonly height: number }>;
  /** By annotation id. Boxes xyxy in image pixels. */
  readonly annotations: ReadonlyMap<
    string,
    { readonly imageId: string; readonly categoryId: string; readonly box: XyxyBox }
  >;
  /** Names by category id (COCO's own ids). */
  readonly categories: ReadonlyMap<string, string>;
  /** Category ids in ascending order: SimREC's `cat_id` counts in it from 0. */
  readonly categoryIds: readonly string[];
  /** Objects per `${imageId} ${categoryId}`. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Reads COCO instance annotations (`instances.json`): image sizes, boxes (xywh), categories.
 *
 * @param json  the parsed file.
 * @throws {DataFormatError} with record and field.
 */
export function parseInstances(json: unknown, file = 'instances'): Instances {
  const top = readObject(json, { file, record: '(top)' }, '(file)');
  const list = (field: string) =>
    readArray(top[field], { file, record: '(top)' }, field).map((value, i) => {
      const place = { file, record: `${field}[${i}]` };
      return { value: readObject(value, place, '(record)'), place };
    });
  const images = new Map<string, { width: number; height: number }>();
  for (const { value, place } of list('images')) {
    const width = readOptionalNumber(value.width, place, 'width');
    const height = readOptionalNumber(value.height, place, 'height');
    if (width && height) images.set(imageKey(readId(value.id, place, 'id')), { width, height });
  }
  const categories = new Map<string, string>();
  for (const { value, place } of top.categories === undefined ? [] : list('categories')) {
    categories.set(readId(value.id, place, 'id'), readText(value.name, place, 'name'));
  }
  const annotations = new Map<string, { imageId: string; categoryId: string; box: XyxyBox }>();
  const counts = new Map<string, number>();
  for (const { value, place } of list('annotations')) {
    const imageId = imageKey(readId(value.image_id, place, 'image_id'));
    const categoryId = readId(value.category_id, place, 'category_id');
    const box = readBox(value.bbox, 'xywh', place, 'bbox');
    annotations.set(readId(value.id, place, 'id'), { imageId, categoryId, box });
    const key = `${imageId} ${categoryId}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const categoryIds = [...categories.keys()].sort((a, b) => Number(a) - Number(b));
  return { images, annotations, categories, categoryIds, counts };
}
