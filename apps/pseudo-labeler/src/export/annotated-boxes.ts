import { access } from 'node:fs/promises';
import { type LabelHeader, readAnnotations } from '@refclip/data';
import type { XywhBox } from '@refclip/structures';
import { digestOfFile } from '../labeling/label-source.js';

/** The boxes that people drew for the records of labels. */
export interface AnnotatedBoxes {
  /** Image pixels; undefined for a record without. Absent when nothing is known. */
  readonly truth?: (record: number) => XywhBox | undefined;
  /** Why nothing is known, for people. */
  readonly notes: readonly string[];
}

/**
 * Looks up people's boxes, to be shown beside labels: only in the very file that the labels were made from.
 *
 * @param annotations  file that the configuration names.
 */
export async function annotatedBoxes(annotations: string, { data }: LabelHeader): Promise<AnnotatedBoxes> {
  const isThere = await access(annotations).then(
    () => true,
    () => false,
  );
  if (!isThere) return { notes: [`Annotated boxes are not shown: ${annotations} is not there.`] };
  if ((await digestOfFile(annotations)) !== data.sha256)
    return { notes: [`Annotated boxes are not shown: the labels were made from another file than ${annotations}.`] };
  const { splits } = await readAnnotations(annotations);
  const records = splits.get(data.split) ?? [];
  if (!records.some(({ box }) => box)) return { notes: [] };
  return { truth: (record) => records[record]?.box, notes: [] };
}
