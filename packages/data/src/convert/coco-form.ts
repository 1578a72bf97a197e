import { DataFormatError } from '@refclip/structures';
import { z } from 'zod';
import { type AnnotationForm, allRecords, type WriteContext } from './annotation-form.js';
import { assignImageIds } from './assign-image-ids.js';
import { xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { indexCategories } from './coco-categories.js';
import { nameImage } from './name-image.js';
import { parseJson } from './parse-json.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, pixelsSchema, rawBoxSchema } from './record-schemas.js';
import type { SplitRecords } from './referring-dataset.js';

const idSchema = z.union([z.int(), z.string().max(200)]);

const imageSchema = z.looseObject({
  id: idSchema,
  file_name: z.string().min(1).max(4096),
  width: pixelsSchema.optional(),
  height: pixelsSchema.optional(),
  split: z.string().optional(),
  caption: expressionSchema.optional(),
  expression: expressionSchema.optional(),
});

const annotationSchema = z.looseObject({
  id: idSchema.optional(),
  image_id: idSchema,
  bbox: rawBoxSchema.nullish(),
  category_id: z.int().optional(),
  split: z.string().optional(),
  caption: expressionSchema.optional(),
  expression: expressionSchema.optional(),
  expressions: z.array(expressionSchema).optional(),
});

/**
 * COCO's annotation JSON with an expression in every annotation (`caption`, `expression` or `expressions`), or one in the image that
 * its only annotation means, as the files for MDETR have it. Boxes xywh. `category_id` is the place in `categories`, contiguous from 0.
 */
export const cocoForm: AnnotationForm = {
  description: 'COCO-style JSON whose annotations (or images) hold a `caption` or `expression`',
  boxes: () => 'xywh',
  holdsSplits: true,
  read: readCoco,
  *write(splits, context) {
    yield* writeCoco(splits, context);
  },
};

function readCoco(bytes: Uint8Array, { file, split }: ReadContext): PendingRecord[] {
  const top = parseJson(bytes, file);
  const problems = new ProblemList(file);
  const lists = checkShape(
    z.looseObject({
      images: z.array(z.unknown()),
      annotations: z.array(z.unknown()),
      categories: z.array(z.looseObject({ id: z.int(), name: z.string().optional() })).optional(),
    }),
    top,
    undefined,
    problems,
  );
  problems.throwIfAny();
  if (!lists) throw new DataFormatError({ file }, 'expected an object with images and annotations');
  const categoryIndex = indexCategories(lists.categories ?? []);
  const images = new Map<number | string, z.output<typeof imageSchema>>();
  lists.images.forEach((value, index) => {
    const image = checkShape(imageSchema, value, `image ${index}`, problems);
    if (image) images.set(image.id, image);
  });
  const records: PendingRecord[] = [];
  let unnamed = 0;
  lists.annotations.forEach((value, index) => {
    const annotation = checkShape(annotationSchema, value, `annotation ${index}`, problems);
    if (!annotation) return;
    const at = `annotation ${annotation.id ?? index}`;
    const image = images.get(annotation.image_id);
    if (!image) {
      problems.add(at, 'image_id', `${annotation.image_id} is none of the images`);
      return;
    }
    const single = annotation.expression ?? annotation.caption ?? image.expression ?? image.caption;
    const expressions = annotation.expressions?.length ? annotation.expressions : single === undefined ? [] : [single];
    if (expressions.length === 0) {
      unnamed++;
      return;
    }
    records.push({
      at,
      split: annotation.split ?? image.split ?? split,
      ...nameImage(image.file_name),
      expressions,
      rawBox: annotation.bbox ?? undefined,
      category: annotation.category_id === undefined ? undefined : categoryIndex(annotation.category_id),
      size: image.width && image.height ? { width: image.width, height: image.height } : undefined,
    });
  });
  if (records.length === 0 && unnamed > 0) {
    problems.add(
      undefined,
      undefined,
      `none of the ${unnamed} annotations has an expression (caption, expression or expressions)`,
    );
  }
  problems.throwIfAny();
  return records;
}

function* writeCoco(splits: SplitRecords, { imageName, boxes }: WriteContext): Generator<string> {
  const ids = assignImageIds(splits);
  const images = new Map<number | string, string>();
  let categoryCount = 0;
  for (const { image, size, category = -1 } of allRecords(splits)) {
    categoryCount = Math.max(categoryCount, category + 1);
    if (images.has(image)) continue;
    images.set(image, JSON.stringify({ id: ids.get(image), file_name: imageName(image), ...(size ?? {}) }));
  }
  const categories = Array.from({ length: categoryCount }, (_, id) => JSON.stringify({ id, name: `category ${id}` }));
  yield `{"images": [${[...images.values()].join(',\n')}],\n"categories": [${categories.join(', ')}],\n"annotations": [`;
  let id = 0;
  for (const [split, records] of splits) {
    for (const record of records) {
      const box = record.box ? xywhToRawBox(record.box, boxes, record.size) : undefined;
      const { expressions } = record;
      yield `${id === 0 ? '' : ','}\n${JSON.stringify({
        id: id++,
        image_id: ids.get(record.image),
        ...(record.category === undefined ? {} : { category_id: record.category }),
        ...(box ? { bbox: box, area: box[2] * box[3], iscrowd: 0 } : {}),
        ...(expressions.length === 1 ? { expression: expressions[0] } : { expressions }),
        split,
      })}`;
    }
  }
  yield ']}\n';
}
