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
 * The scale is one for the whole file. Undeclared, it is `unit` when no number exceeds 1, `pixels` when one exceeds 1000,
 * `thousand` when tags mark the boxes; otherwise it cannot be told and must be said. An answer without a box is one without a prediction.
 *
 * @throws {DataFormatError} when the scale cannot be told, or a relative box has no image size.
 */
export function parseTextRows(
  values: readonly PlacedValue[],
  scale: TextScale | undefined,
  imageSizes: ImageSizes | undefined,
  boxFormat: BoxFormat = 'xyxy',
): { readonly rows: PredictionRow[]; readonly note: string | undefined } {
  const answers = values.map(({ value, place }) => {
    const field = answerFields.find((name) => value[name] !== undefined);
    if (!field) throw wrongField(place, 'answer', `text in one of ${answerFields.join(', ')}`, undefined);
    return findBoxesInText(readOptionalText(value[field], place, field) ?? '');
  });
  const file = values[0]?.place.file ?? 'predictions';
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

function detectScale(answers: readonly ReturnType<typeof findBoxesInText>[], file: string): TextScale {
  let largest = 0;
  for (const { boxes } of answers) for (const box of boxes) largest = Math.max(largest, ...box);
  if (largest <= 1) return 'unit';
  if (largest > 1000) return 'pixels';
  if (answers.some(({ tagged }) => tagged)) return 'thousand';
  const problem = `the largest number of its boxes is ${largest}, which pixels and thousandths both allow. Say the text scale.`;
  throw new DataFormatError({ file, field: 'answer' }, problem);
}
