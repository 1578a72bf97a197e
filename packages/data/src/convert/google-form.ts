import { DataFormatError } from '@refclip/structures';
import { z } from 'zod';
import { type AnnotationForm, allRecords } from './annotation-form.js';
import { assignImageIds } from './assign-image-ids.js';
import { xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { cocoCategoryIndex, indexCategories } from './coco-categories.js';
import { nameImage } from './name-image.js';
import { parseJson } from './parse-json.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, pixelsSchema, rawBoxSchema } from './record-schemas.js';

const annotationSchema = z.looseObject({
  annotation_id: z.int(),
  image_id: z.int(),
  refexp_ids: z.array(z.int()),
  bbox: rawBoxSchema.optional(),
  category_id: z.int().optional(),
});
const refexpSchema = z.looseObject({ refexp_id: z.int(), raw: expressionSchema });
const imageSchema = z.looseObject({
  image_id: z.int(),
  file_name: z.string().min(1).max(4096).optional(),
  width: pixelsSchema.optional(),
  height: pixelsSchema.optional(),
});
/** The toolbox writes lists in the raw files and objects by id in those aligned with COCO. */
const listSchema = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

/** `google_refexp_*_coco_aligned.json` of the Google refexp toolbox: annotations, expressions and images by id. Boxes xywh. */
export const googleForm: AnnotationForm = {
  description: 'Google refexp JSON (annotations, refexps, images), aligned with COCO; one split per file',
  boxes: () => 'xywh',
  holdsSplits: false,
  needsBoxes: true,
  read: readGoogle,
  *write(splits, { imageName, boxes }) {
    const annotations: Record<string, unknown> = {};
    const refexps: Record<string, unknown> = {};
    const images: Record<string, unknown> = {};
    const ids = assignImageIds(splits);
    let [annotationId, refexpId, categoryCount] = [0, 0, 0];
    for (const { image, box, expressions, size, category } of allRecords(splits)) {
      categoryCount = Math.max(categoryCount, (category ?? -1) + 1);
      const imageId = ids.get(image) as number;
      images[imageId] ??= { image_id: imageId, file_name: imageName(image), ...(size ?? {}) };
      const refexpIds = expressions.map((raw) => {
        refexps[refexpId] = { refexp_id: refexpId, raw, tokens: raw.split(/\s+/).filter(Boolean) };
        return refexpId++;
      });
      annotations[annotationId] = {
        annotation_id: annotationId++,
        image_id: imageId,
        refexp_ids: refexpIds,
        ...(box ? { bbox: xywhToRawBox(box, boxes, size) } : {}),
        ...(category === undefined ? {} : { category_id: category }),
      };
    }
    const categories = Array.from({ length: categoryCount }, (_, id) => ({ id, name: `category ${id}` }));
    yield JSON.stringify({ annotations, refexps, images, categories });
  },
};

function readGoogle(bytes: Uint8Array, { file, split }: ReadContext): PendingRecord[] {
  const problems = new ProblemList(file);
  const shape = z.looseObject({
    annotations: listSchema,
    refexps: listSchema,
    images: listSchema.optional(),
    categories: z.array(z.looseObject({ id: z.int(), name: z.string().optional() })).optional(),
  });
  const top = checkShape(shape, parseJson(bytes, file), undefined, problems);
  problems.throwIfAny();
  if (!top) throw new DataFormatError({ file }, 'expected an object with annotations and refexps');
  // Without a list of categories the ids are COCO's.
  const categoryIndex = top.categories ? indexCategories(top.categories) : cocoCategoryIndex;
  const refexps = new Map<number, string>();
  Object.values(top.refexps).forEach((value, index) => {
    const refexp = checkShape(refexpSchema, value, `refexp ${index}`, problems);
    if (refexp) refexps.set(refexp.refexp_id, refexp.raw);
  });
  const images = new Map<number, z.output<typeof imageSchema>>();
  Object.values(top.images ?? []).forEach((value, index) => {
    const image = checkShape(imageSchema, value, `image ${index}`, problems);
    if (image) images.set(image.image_id, image);
  });
  const records: PendingRecord[] = [];
  Object.values(top.annotations).forEach((value, index) => {
    const annotation = checkShape(annotationSchema, value, `annotation ${index}`, problems);
    if (!annotation) return;
    const at = `annotation ${annotation.annotation_id}`;
    const expressions: string[] = [];
    for (const id of annotation.refexp_ids) {
      const raw = refexps.get(id);
      if (raw === undefined) problems.add(at, 'refexp_ids', `${id} is none of the refexps`);
      else expressions.push(raw);
    }
    if (expressions.length === 0) return;
    const image = images.get(annotation.image_id);
    records.push({
      at,
      split,
      ...nameImage(image?.file_name ?? annotation.image_id),
      expressions,
      rawBox: annotation.bbox,
      category: annotation.category_id === undefined ? undefined : categoryIndex(annotation.category_id),
      size: image?.width && image.height ? { width: image.width, height: image.height } : undefined,
    });
  });
  problems.throwIfAny();
  return records;
}
