import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { prepareData, type TrainerConfig } from '@refclip/app-shared';
import {
  groupByImage,
  ImageFolder,
  type ImageQueries,
  type ReferringRecord,
  readAnnotations,
  type SplitRecords,
} from '@refclip/data';
import { DataFormatError } from '@refclip/structures';

/** A data set of which one split gets labels. */
export interface LabelSource {
  /** As the annotation file has them, boxes included: for the other splits and for the accuracy, never for the labelling. */
  readonly splits: SplitRecords;
  readonly folder: ImageFolder;
  /** Digest of the annotation file. */
  readonly sha256: string;
  readonly split: string;
  /** What there is to label: images in order of appearance, each with its expressions. No box is in here. */
  readonly images: readonly ImageQueries[];
  readonly records: number;
  readonly expressions: number;
}

/**
 * Reads the configured data; draws scenes first where the configuration says so.
 *
 * @param split  the split to label.
 * @param limit  only this many of its records, the first ones.
 * @throws {DataFormatError} when the split is missing; {FileError} for the files.
 */
export async function openLabelSource(config: TrainerConfig, split: string, limit?: number): Promise<LabelSource> {
  await prepareData(config);
  const { annotations, images: directory } = config.data;
  const { splits } = await readAnnotations(annotations);
  const records = splits.get(split) ?? [];
  if (!records.length) {
    const names = [...splits.keys()].join(', ');
    throw new DataFormatError(
      { file: annotations },
      `split "${split}" is empty or missing; the file has ${names}. Choose one with --split.`,
    );
  }
  const folder = await ImageFolder.open(directory);
  const unboxed = records.slice(0, limit).map(withoutBox);
  return {
    splits,
    folder,
    sha256: await digestOfFile(annotations),
    split,
    images: groupByImage(new Map([[split, unboxed]]), [split], folder),
    records: unboxed.length,
    expressions: unboxed.reduce((sum, { expressions }) => sum + expressions.length, 0),
  };
}

/** What the labelling may see of a record. */
function withoutBox({ image, expressions }: ReferringRecord): ReferringRecord {
  return { image, expressions };
}

/** SHA-256 of a file in hexadecimal digits. */
export async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
