import { imageKey } from '@refclip/records';
import { DataFormatError, type XyxyBox } from '@refclip/structures';
import { type BoxFormat, toXyxy } from '../boxes/box-format.js';
import { answerFields } from './detect-prediction-format.js';
import { findBoxesInText } from './find-boxes-in-text.js';
import type { PredictionRow } from './prediction-row.js';
import {
  type PlacedValue,
  readBox,
  readBoxFormat,
  readOptionalId,
  readOptionalNumber,
  readOptionalText,
  wrongField,
} from './read-field.js';

/** Scale of the numbers a model writes: parts of the image, thousandths of it, or pixels. */
export type TextScale = 'unit' | 'thousand' | 'pixels';

/** Width and height in pixels by image key; a map, or anything that looks names up. */
export interface ImageSizes {
  get(image: string): { readonly width: number; readonly height: number } | undefined;
}

/**
 * Text answers of a vision–language model, as rows.
 *
 * The scale is one for the whole file. Undeclared, it is `unit` when no number exceeds 1, `pixels` when a third of the boxes exceeds 1000,
 * `thousand` when tags mark all boxes; otherwise it cannot be told and must be said. An answer without a box is one without a prediction.
 *
 * @throws {DataFormatError} when the scale cannot be told, a relative box has no image size, no answer holds a box, or some hold location tokens.
 */
export function parseTextRows(
  values: readonly PlacedValue[],
  scale: TextScale | undefined,
  imageSizes: ImageSizes | undefined,
  boxFormat: BoxFormat = 'xyxy',
): { readonly rows: PredictionRow[]; readonly note: string | undefined } {
  const texts = values.map(({ value, place }) => {
    const field = answerFields.find((name) => value[name] !== undefined);
    if (!field) throw wrongField(place, 'answer', `text in one of ${answerFields.join(', ')}`, undefined);
    return readOptionalText(value[field], place, field) ?? '';
  });
  const file = values[0]?.place.file ?? 'predictions';
  const answers = texts.map(findBoxesInText);
  assertUnderstood(texts, answers, values, file);
  const used = scale ?? detectScale(answers, file);
  const rows = values.map(({ value, place }, i): PredictionRow => {
    const image = readOptionalId(value.imageId ?? value.image_id ?? value.image, place, 'imageId');
    const key = image === undefined ? undefined : imageKey(image);
    const width = readOptionalNumber(value.width, place, 'width') ?? (key ? imageSizes?.get(key)?.width : undefined);
    const height =
      readOptionalNumber(value.height, place, 'height') ?? (key ? imageSizes?.get(key)?.height : undefined);
    const boxes = answers[i]!.boxes.map((numbers): XyxyBox => {
      const [x1, y1, x2, y2] = toXyxy(numbers, boxFormat);
      if (used === 'pixels') return [x1, y1, x2, y2];
      if (width === undefined || height === undefined) {
        throw wrongField(place, 'width', `the image's width and height, since boxes are in scale ${used}`, undefined);
      }
      const [perX, perY] = used === 'unit' ? [width, height] : [width / 1000, height / 1000];
      return [x1 * perX, y1 * perY, x2 * perX, y2 * perY];
    });
    const declared = value.boxFormat === undefined ? 'xyxy' : readBoxFormat(value.boxFormat, place, 'boxFormat');
    return {
      at: place.record.startsWith('line ') ? place.record : `record ${place.record}`,
      id: readOptionalId(value.id ?? value.question_id, place, 'id') ?? place.record.replace(/^line /, ''),
      refId: readOptionalId(value.ref_id, place, 'ref_id'),
      imageId: key,
      split: readOptionalText(value.split, place, 'split'),
      expression: readOptionalText(value.expression, place, 'expression'),
      boxes,
      confidence: readOptionalNumber(value.confidence, place, 'confidence'),
      truths: value.truth === undefined ? undefined : [readBox(value.truth, declared, place, 'truth')],
      width,
      height,
    };
  });
  return { rows, note: scale ? undefined : `text boxes in scale ${used} (detected)` };
}

/** Location tokens, which stand for boxes and are not read: `<loc0064>` (PaliGemma), `<loc_19>` (Florence-2), `<patch_index_0001>` (Kosmos-2). */
const locationToken = /<(?:loc_?|patch_index_)\d+>/;

/** @throws {DataFormatError} when answers hold location tokens, or no answer holds a box: then the file is written in a way that is not read. */
function assertUnderstood(
  texts: readonly string[],
  answers: readonly ReturnType<typeof findBoxesInText>[],
  values: readonly PlacedValue[],
  file: string,
): void {
  const advice = 'Write boxes as [x1, y1, x2, y2] in the answers, and say --text-scale (unit, thousand or pixels)';
  const unread = texts.flatMap((text, at) => (answers[at]!.boxes.length === 0 && locationToken.test(text) ? [at] : []));
  const [first] = unread;
  if (first !== undefined) {
    const token = locationToken.exec(texts[first]!)?.[0];
    const problem = `${unread.length} of ${texts.length} answers hold location tokens such as ${token}, which are not read. ${advice}; the model's processor converts its tokens.`;
    throw new DataFormatError({ file, record: values[first]!.place.record, field: 'answer' }, problem);
  }
  if (texts.length === 0 || answers.some(({ boxes }) => boxes.length > 0)) return;
  const shown = JSON.stringify(texts[0]!.slice(0, 80));
  throw new DataFormatError(
    { file, field: 'answer' },
    `none of ${texts.length} answers holds a box that is understood; the first is ${shown}. ${advice}.`,
  );
}

function detectScale(answers: readonly ReturnType<typeof findBoxesInText>[], file: string): TextScale {
  let [largest, boxed, beyond] = [0, 0, 0];
  for (const { boxes } of answers) {
    for (const box of boxes) {
      largest = Math.max(largest, ...box);
      boxed++;
      if (Math.max(...box) > 1000) beyond++;
    }
  }
  if (largest <= 1) return 'unit';
  if (3 * beyond >= boxed) return 'pixels';
  if (beyond > 0) {
    const problem = `${beyond} of ${boxed} boxes have numbers above 1000 (up to ${largest}): pixels, or slips of a model that writes thousandths. Say the text scale.`;
    throw new DataFormatError({ file, field: 'answer' }, problem);
  }
  if (answers.every(({ tagged, boxes }) => tagged || boxes.length === 0)) return 'thousand';
  const problem = `the largest number of its boxes is ${largest}, which pixels and thousandths both allow. Say the text scale.`;
  throw new DataFormatError({ file, field: 'answer' }, problem);
}
