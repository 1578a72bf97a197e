import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPickle } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { z } from 'zod';
import { checkShape } from '../convert/check-shape.js';
import { parseJson } from '../convert/parse-json.js';
import { ProblemList } from '../convert/problem-list.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { annotationSchema, imageSchema, instancesSchema, refSchema } from '../refer/refer-schemas.js';
import { writeRefer } from '../refer/write-refer.js';
import { assertReadsBack } from './assert-reads-back.js';
import type { ComparableRecord, StudentFiles, StudentOptions, StudentSet } from './student-set.js';
import { boxedSplits } from './write-plain-forms.js';

/**
 * A REFER pair for MAttNet. Its boxes are the teacher's for the labelled split and people's for the others; what else is annotated in an image is the
 * teacher's detections, never people's boxes.
 */
export async function writeMattnet(
  directory: string,
  set: StudentSet,
  { splitBy }: StudentOptions,
): Promise<StudentFiles> {
  const { splits, notes } = boxedSplits(set);
  const sized = await withSizes(splits, set, notes);
  const { imageName, categories, others } = set;
  const [refs, instances] = await writeRefer(join(directory, set.name), sized, {
    splitBy,
    imageName,
    categories,
    others,
  });
  const wanted = [...sized].map(
    ([split, records]) => [split, records.map((record) => ({ ...record, image: imageName(record.image) }))] as const,
  );
  const found = await readPair(refs, instances);
  for (const [split, records] of wanted)
    assertReadsBack(`${refs}, split ${split}`, perExpression(records), perExpression(found.get(split) ?? []), 0);
  return { files: [refs, instances], notes };
}

async function withSizes(splits: SplitRecords, { imageSize }: StudentSet, notes: string[]): Promise<SplitRecords> {
  const result = new Map<string, ReferringRecord[]>();
  for (const [split, records] of splits) {
    const sized: ReferringRecord[] = [];
    for (const record of records) {
      const size = record.size ?? (await imageSize(record.image));
      if (size) sized.push({ ...record, size });
    }
    const lost = records.length - sized.length;
    if (lost) notes.push(`${lost} records of ${split} are left out: their images are not there.`);
    result.set(split, sized);
  }
  return result;
}

/** How many expressions share a ref is the format's own business. */
function perExpression(records: readonly ComparableRecord[]): ComparableRecord[] {
  return records.flatMap((record) =>
    record.expressions.map((expression) => ({ ...record, expressions: [expression] })),
  );
}

/** The refs of a pair by split, each with the file name of its image. */
async function readPair(refsFile: string, instancesFile: string): Promise<Map<string, ComparableRecord[]>> {
  const problems = new ProblemList(instancesFile);
  const lists = checkShape(
    instancesSchema,
    parseJson(await readFile(instancesFile), instancesFile),
    undefined,
    problems,
  );
  const images = new Map(
    checkShape(z.array(imageSchema), lists?.images, 'images', problems)?.map((image) => [image.id, image]),
  );
  const boxes = new Map(
    checkShape(z.array(annotationSchema), lists?.annotations, 'annotations', problems)?.map(({ id, ...rest }) => [
      id,
      rest,
    ]),
  );
  const refs = checkShape(
    z.array(refSchema.extend({ sentences: z.array(z.object({ raw: z.string() })) })),
    readPickle(await readFile(refsFile), refsFile),
    'refs',
    problems,
  );
  problems.throwIfAny();
  const splits = new Map<string, ComparableRecord[]>();
  for (const { ref_id, ann_id, image_id, split, sentences } of refs ?? []) {
    const [image, annotation] = [images.get(image_id), boxes.get(ann_id)];
    if (!image || annotation?.image_id !== image_id)
      throw new DataFormatError({ file: refsFile, record: `ref ${ref_id}` }, 'read back, its box is not of its image.');
    const record = { image: image.file_name, box: annotation.bbox, expressions: sentences.map(({ raw }) => raw) };
    const records = splits.get(split);
    if (records) records.push(record);
    else splits.set(split, [record]);
  }
  return splits;
}
