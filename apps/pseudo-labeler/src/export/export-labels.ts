import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createProgress, formatTable, writeAtomically } from '@refclip/app-shared';
import {
  type ImageSize,
  isLabeled,
  type LabelEntry,
  type LabelHeader,
  labeledSplits,
  type OtherObject,
  readImageSize,
  readLabelHeader,
  readLabels,
  type StudentFormat,
  type StudentOptions,
  type StudentSet,
  selectLabels,
  studentFormats,
} from '@refclip/data';
import { boxIou, UsageError, xyxyToXywh } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';
import type { LabelSource } from '../labeling/label-source.js';
import type { ExportFlags } from './export-options.js';
import { type Distribution, type LabelSummary, summarizeLabels } from './summarize-labels.js';

/** Detections below this objectness, or that overlap a better box more than this, are no objects of their own. */
const [leastObjectness, mostOverlap] = [0.25, 0.5];

/** What was written. */
export interface ExportResult {
  readonly header: LabelHeader;
  readonly summary: LabelSummary;
  /** Format → its files. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly notes: readonly string[];
}

/**
 * Chooses labels and writes them in every format asked for; each file is read again and compared.
 *
 * @param out     folder for the formats' folders and `summary.json`.
 * @param labels  finished label file.
 * @param name    of the data set.
 * @throws {UsageError} when the labels are of another annotation file or split; {DataFormatError} when a written file does not hold what it should.
 */
export async function exportLabels(
  out: string,
  labels: string,
  source: LabelSource,
  name: string,
  flags: ExportFlags,
): Promise<ExportResult> {
  const header = await readLabelHeader(labels);
  if (header.data.sha256 !== source.sha256 || header.data.split !== source.split) {
    throw new UsageError(
      `${labels}: these labels are of split ${header.data.split} of ${header.data.file} (sha256 ${header.data.sha256.slice(0, 12)}…), ` +
        `not of split ${source.split} of the annotations given (${source.sha256.slice(0, 12)}…).`,
    );
  }
  await removeLeftovers(out);
  const { policy, clip, minScore, topFraction, minAgreement } = flags;
  const selection = await selectLabels(readLabels(labels), { policy, clip, minScore, topFraction, minAgreement });
  const records = source.splits.get(source.split) ?? [];
  const whole = policy === 'ref' ? records.length : records.flatMap(({ expressions }) => expressions).length;
  const folderSizes = cachedSizes(source, new Map(selection.all.map(({ image, size }) => [image, size])));
  const set: StudentSet = {
    name,
    split: source.split,
    splits: labeledSplits(source.splits, source.split, selection.kept, policy),
    words: wordsOf(source),
    complete: selection.kept.length === whole,
    imageName: (image) => fileName(source, image),
    imageSize: folderSizes,
    categories: header.model.classes,
    others: flags.format.includes('mattnet') ? await otherObjects(readLabels(labels), selection.kept) : () => [],
  };
  const options: StudentOptions = { ...namesFor(name), ...definedNames(flags), masks: flags.masks };
  const files: Record<string, readonly string[]> = {};
  const notes = new Set<string>();
  if (source.split !== 'train' && source.splits.get('train')?.some(({ box }) => box))
    notes.add(
      'The split train keeps the boxes of the annotation file: a student of these files would not be weakly supervised.',
    );
  const progress = createProgress('writing', flags.format.length, 'formats');
  for (const [at, format] of flags.format.entries()) {
    const { write }: StudentFormat = studentFormats[format];
    const written = await write(join(out, format), set, options);
    files[format] = written.files;
    for (const note of written.notes) notes.add(note);
    progress.update(at + 1, format);
  }
  progress.finish();
  const summary = summarizeLabels(selection, records);
  const settings = { policy, clip: clip ?? false, minScore, topFraction, minAgreement };
  const described = { ...header, selection: settings, ...summary, formats: flags.format };
  await writeAtomically(join(out, 'summary.json'), `${JSON.stringify(described, null, 2)}\n`);
  return { header, summary, files, notes: [...notes] };
}

/** The outcome for people. */
export function describeExport({ summary, files, notes }: ExportResult): string {
  const { total, kept, empty, broken, distributions, accuracy } = summary;
  const columns = ['min', 'p5', 'p25', 'median', 'p75', 'p95', 'max'] as const;
  const rows = Object.entries(distributions).map(([name, values]: [string, Distribution | null]) => [
    name,
    ...columns.map((column) => (values ? String(Number(values[column].toPrecision(3))) : '–')),
  ]);
  const lines = [formatTable(['kept labels', ...columns], rows), '', `kept ${kept} of ${total} labels`];
  if (empty) lines.push(`${empty} of them have no area`);
  if (!distributions.agreement) lines.push('agreement: none, since no object has several expressions');
  if (broken.images)
    lines.push(`${broken.images} unreadable images left ${broken.expressions} expressions without a label`);
  if (accuracy)
    lines.push(
      `accuracy against the annotated boxes, for information: ${accuracy.all.toFixed(2)} % of all labels, ${accuracy.kept.toFixed(2)} % of the kept (IoU > 0.5)`,
    );
  for (const note of notes) lines.push(`note: ${note}`);
  for (const [format, written] of Object.entries(files)) lines.push(`${format}: ${written.join(', ')}`);
  return lines.join('\n');
}

/** Names that students' code knows data sets by. */
function namesFor(name: string): Omit<StudentOptions, 'masks'> {
  if (name.startsWith('refcoco+')) return { transvgName: 'unc+', splitBy: 'unc' };
  if (name.startsWith('refcocog')) return { transvgName: 'gref', splitBy: 'google' };
  if (/^(referit|refclef)/.test(name)) return { transvgName: 'referit', splitBy: 'berkeley' };
  return { transvgName: 'unc', splitBy: 'unc' };
}

function definedNames({ transvgName, splitBy }: ExportFlags): Partial<StudentOptions> {
  return { ...(transvgName ? { transvgName } : {}), ...(splitBy ? { splitBy } : {}) };
}

/** All words of the annotation file in order of first appearance, without the special ones. */
function wordsOf({ splits }: LabelSource): readonly string[] {
  const expressions = [...splits.values()].flat().flatMap((record) => record.expressions);
  return Vocabulary.fromExpressions(expressions).words.slice(Vocabulary.fromExpressions([]).size);
}

/** The name under which an image's file is found; ids of images that are not there become COCO's. */
function fileName({ folder }: LabelSource, image: number | string): string {
  if (typeof image === 'string') return image;
  const file = folder.find(image);
  return file ? file.slice(folder.directory.length + 1) : `COCO_train2014_${String(image).padStart(12, '0')}.jpg`;
}

function cachedSizes({ folder }: LabelSource, sizes: Map<number | string, ImageSize | undefined>) {
  return async (image: number | string): Promise<ImageSize | undefined> => {
    if (!sizes.has(image)) sizes.set(image, await readImageSize(image, folder));
    return sizes.get(image);
  };
}

/** Detections that are objects of their own, besides the labels: confident ones, the better of two that overlap. */
async function otherObjects(
  entries: AsyncIterable<LabelEntry>,
  kept: readonly { readonly image: number | string; readonly box: readonly [number, number, number, number] }[],
): Promise<(image: number | string) => readonly OtherObject[]> {
  const labeled = new Map<number | string, (readonly [number, number, number, number])[]>();
  for (const { image, box } of kept) labeled.set(image, [...(labeled.get(image) ?? []), box]);
  const objects = new Map<number | string, OtherObject[]>();
  for await (const entry of entries) {
    if (!isLabeled(entry)) continue;
    const boxes = [...(labeled.get(entry.image) ?? [])];
    const own: OtherObject[] = [];
    const confident = entry.detections.filter(({ objectness }) => objectness >= leastObjectness);
    for (const { box, category } of confident.sort((a, b) => b.objectness - a.objectness)) {
      if (boxes.some((other) => boxIou(box, other) > mostOverlap)) continue;
      boxes.push(box);
      const [x, y, w, h] = xyxyToXywh(box).map((value) => Math.round(value * 1e4) / 1e4);
      own.push({ box: [x as number, y as number, w as number, h as number], category });
    }
    objects.set(entry.image, own);
  }
  return (image) => objects.get(image) ?? [];
}

/** Deletes what a killed run left half-written. */
async function removeLeftovers(out: string): Promise<void> {
  for (const name of await readdir(out, { recursive: true }).catch(() => []))
    if (/(^|[\\/])\.[^\\/]+\.[0-9a-f-]{36}\.tmp$/.test(name)) await rm(join(out, name), { force: true });
}
