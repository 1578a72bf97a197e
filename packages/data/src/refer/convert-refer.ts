import { UsageError } from '@refclip/structures';
import { z } from 'zod';
import type { ImageSize } from '../convert/box-convention.js';
import { checkShape } from '../convert/check-shape.js';
import { indexCategories } from '../convert/coco-categories.js';
import { cocoImageName } from '../convert/image-name-pattern.js';
import { ProblemList } from '../convert/problem-list.js';
import { addRecord, type ReferringDataset, type ReferringRecord } from '../convert/referring-dataset.js';
import { brokenRefclefImages, describeReferDatasets, referSplitRules } from './refer-datasets.js';
import { annotationSchema, imageSchema, instancesSchema, refSchema } from './refer-schemas.js';

/** A ref's object as `instances.json` outlines it, from which its mask is drawn. */
export interface ReferOutline {
  readonly size: ImageSize;
  /** As the file has it, not checked yet; null where outlines were not read. */
  readonly segmentation: unknown;
}

export interface ReferConversion extends ReferringDataset {
  /** Sizes of the whole data set, a ref in two test splits counted once. */
  readonly totals: { readonly expressions: number; readonly refs: number; readonly images: number };
  /** Ref id → outline, for every ref that is in a split. */
  readonly outlines: ReadonlyMap<number, ReferOutline>;
}

/** What the two files of a REFER data set hold, and their names for messages. */
export interface ReferSource {
  readonly refs: unknown;
  readonly refsFile: string;
  readonly instances: unknown;
  readonly instancesFile: string;
  readonly dataset: string;
  readonly splitBy: string;
}

/**
 * A REFER data set as records: training by ref (all its expressions in one record), other splits by expression (a record each).
 *
 * Boxes are the annotations' `[x, y, w, h]` unchanged. Categories become contiguous: COCO's (by their names) 1–90 to 0–79; others, as RefClef's, by the
 * order of their ids, since COCO's table, which the official script applies to them too, would merge some. RefClef's three broken images are left out.
 *
 * @throws {UsageError} for a data set or a way of splitting that does not exist.
 * @throws {DataFormatError} naming file and ref of everything that does not fit.
 */
export function convertRefer({
  refs,
  refsFile,
  instances,
  instancesFile,
  dataset,
  splitBy,
}: ReferSource): ReferConversion {
  const rules = referSplitRules(dataset, splitBy);
  if (!rules)
    throw new UsageError(`there is no data set ${dataset} split by ${splitBy}; expected ${describeReferDatasets()}.`);

  const problems = new ProblemList(instancesFile);
  const lists = checkShape(instancesSchema, instances, undefined, problems);
  problems.throwIfAny();
  const { images, annotations, categories } = lists!;
  const imageOf = indexById(images);
  const annotationOf = indexById(annotations);
  const categoryIndex = indexCategories(categories);

  const refProblems = new ProblemList(refsFile);
  const entries = checkShape(z.array(z.unknown()), refs, undefined, refProblems) ?? [];
  const splits = new Map<string, ReferringRecord[]>(Object.keys(rules).map((split) => [split, []]));
  const outlines = new Map<number, ReferOutline>();
  const imageIds = new Set<number>();
  const imageNames = new Map<number, string>();
  const leftOut = new Map<string, number>();
  let [expressionCount, broken] = [0, 0];
  const seen = new Set<unknown>();
  entries.forEach((entry, index) => {
    // A pickle can hold one object any number of times; looking at each would cost more than the file is long.
    if (seen.has(entry)) refProblems.add(`ref ${index}`, undefined, 'comes twice');
    if (seen.has(entry)) return;
    seen.add(entry);
    const ref = checkShape(refSchema, entry, `ref ${index}`, refProblems);
    if (!ref) return;
    const at = `ref ${ref.ref_id}`;
    const annotationEntry = annotationOf.get(ref.ann_id);
    const imageEntry = imageOf.get(ref.image_id);
    const category = categoryIndex(ref.category_id);
    if (!annotationEntry) refProblems.add(at, 'ann_id', `${ref.ann_id} is no annotation of ${instancesFile}`);
    if (!imageEntry) refProblems.add(at, 'image_id', `${ref.image_id} is no image of ${instancesFile}`);
    if (category === undefined) refProblems.add(at, 'category_id', `${ref.category_id} is no category of the data set`);
    if (!annotationEntry || !imageEntry || category === undefined) return;
    const annotation = checkShape(annotationSchema, annotationEntry, `annotation ${ref.ann_id}`, problems);
    const image = checkShape(imageSchema, imageEntry, `image ${ref.image_id}`, problems);
    if (!annotation || !image) return;
    if (dataset === 'refclef' && brokenRefclefImages.has(image.file_name)) {
      broken++;
      return;
    }
    const taken = Object.keys(rules).filter((split) => rules[split]?.(ref.split));
    if (taken.length === 0) leftOut.set(ref.split, (leftOut.get(ref.split) ?? 0) + 1);
    if (taken.length === 0) return;
    const size = { width: image.width, height: image.height };
    const expressions = ref.sentences.map(({ sent }) => sent);
    imageIds.add(ref.image_id);
    if (image.file_name !== cocoImageName(ref.image_id)) imageNames.set(ref.image_id, image.file_name);
    outlines.set(ref.ref_id, { size, segmentation: annotation.segmentation });
    expressionCount += expressions.length;
    const record = { image: ref.image_id, box: annotation.bbox, category, maskId: ref.ref_id, size };
    for (const split of taken) {
      if (split === 'train') addRecord(splits, split, { ...record, expressions });
      else for (const expression of expressions) addRecord(splits, split, { ...record, expressions: [expression] });
    }
  });
  problems.throwIfAny();
  refProblems.throwIfAny();

  const notes = [];
  if (broken > 0)
    notes.push(`${broken} refs to the broken images ${[...brokenRefclefImages].join(', ')} are left out.`);
  for (const [split, count] of leftOut)
    notes.push(`${count} refs are in split ${split}, which this way of splitting does not have.`);
  const totals = { expressions: expressionCount, refs: outlines.size, images: imageIds.size };
  return { splits, imageNames, notes, totals, outlines };
}

function indexById(entries: readonly unknown[]): Map<unknown, unknown> {
  const byId = new Map<unknown, unknown>();
  for (const entry of entries) {
    if (typeof entry === 'object' && entry !== null && 'id' in entry) byId.set(entry.id, entry);
  }
  return byId;
}
