import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePieces } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { allRecords } from '../convert/annotation-form.js';
import { readAnnotations } from '../convert/read-annotations.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { writeAnnotations } from '../convert/write-annotations.js';
import { npyPieces } from '../refer/npy-pieces.js';
import { splitWords } from '../stats/split-words.js';
import { assertReadsBack } from './assert-reads-back.js';
import { type StudentFiles, type StudentOptions, type StudentSet, wordSplit } from './student-set.js';

/**
 * SimREC's JSON with all splits. The vocabulary of its students is built over the records in file order; where records are missing, a first split `vocabulary`, from
 * which nobody trains, says the words in the order they had.
 */
export async function writeSimrec(
  directory: string,
  set: StudentSet,
  { masks }: StudentOptions,
): Promise<StudentFiles> {
  const file = join(directory, `${set.name}.json`);
  const notes: string[] = [];
  const given = masks ? withMaskIds(set.splits) : set.splits;
  const splits = new Map(given);
  const first = [...allRecords(given)][0];
  if (!set.complete && first) {
    splits.clear();
    splits.set(wordSplit, [{ ...first, expressions: set.words }]);
    for (const [split, records] of given) splits.set(split, records);
    notes.push(`The split "${wordSplit}" of ${set.name}.json keeps word ids as they are without left-out records.`);
  }
  if ([...splits.keys()].at(-1) === 'train')
    notes.push('train is the last split of the file: the official SimREC loader then switches its augmentations on.');
  await writeAnnotations(file, splits, { form: 'simrec' });
  const back = await readAnnotations(file, { form: 'simrec' });
  assertReadsBack(file, [...allRecords(splits)], [...allRecords(back.splits)], 0);
  assertWords(file, set.words, back.splits);
  assertDecimals(file, await readFile(file, 'utf8'));
  if (masks) notes.push(await writeEmptyMasks(join(directory, 'masks', set.name), splits, set));
  return { files: [file], notes };
}

function assertWords(file: string, words: readonly string[], splits: SplitRecords): void {
  const found = new Set<string>();
  for (const { expressions } of allRecords(splits))
    for (const expression of expressions) for (const word of splitWords(expression)) found.add(word);
  if ([...found].join(' ') !== words.join(' '))
    throw new DataFormatError(
      { file },
      'read back, its words come in another order than those of the annotation file.',
    );
}

/** A list of four integers would crash the official loader. */
function assertDecimals(file: string, text: string): void {
  const integers = /"bbox":\[-?\d+,-?\d+,-?\d+,-?\d+\]/.exec(text);
  if (integers) throw new DataFormatError({ file }, `read back, it has a box of integers: ${integers[0]}`);
}

/** Every record with a whole-number mask id; fresh ones lie above all others. */
function withMaskIds(splits: SplitRecords): SplitRecords {
  let next = 0;
  for (const { maskId } of allRecords(splits)) if (typeof maskId === 'number') next = Math.max(next, maskId);
  const named = (record: ReferringRecord) =>
    typeof record.maskId === 'number' ? record : { ...record, maskId: ++next };
  return new Map([...splits].map(([split, records]) => [split, records.map(named)]));
}

/** `<mask id>.npy` for each record: uint8 zeros of the image's size. Masks of equal size are one file with many names. */
async function writeEmptyMasks(directory: string, splits: SplitRecords, { imageSize }: StudentSet): Promise<string> {
  const made = new Map<string, string>();
  const done = new Set<string>();
  let missing = 0;
  await mkdir(directory, { recursive: true });
  for (const { image, maskId, size } of allRecords(splits)) {
    const file = join(directory, `${maskId}.npy`);
    if (done.has(file)) continue;
    done.add(file);
    const { width, height } = size ?? (await imageSize(image)) ?? {};
    if (width === undefined || height === undefined) {
      missing++;
      continue;
    }
    const key = `${width}×${height}`;
    const twin = made.get(key);
    await rm(file, { force: true });
    // Disks bound the names of a file: then a new one begins.
    if (twin !== undefined && (await linked(twin, file))) continue;
    await writePieces(file, npyPieces([width * height], width, height));
    made.set(key, file);
  }
  return `${done.size - missing} empty masks in ${directory}${missing ? `; ${missing} left out, since their images are not there` : ''}.`;
}

/** Gives a file a second name; false where the disk has no such thing. */
async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}
