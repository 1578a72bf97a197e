import type { XywhBox } from '@refclip/structures';
import type { ImageSize } from '../convert/box-convention.js';
import { detectBoxConvention, type ObservedBox } from '../convert/detect-box-convention.js';
import type { SplitRecords } from '../convert/referring-dataset.js';
import { splitWords } from '../stats/split-words.js';
import { type DataProblem, type ProblemKind, problemKinds } from './data-problem.js';
import { leadsOut } from './leads-out.js';

export interface CheckRecordsOptions {
  /** Expressions with more words than this are reported: the model reads no further. */
  readonly longestExpression: number;
  /** Sizes of images that the records do not say. */
  readonly sizes?: ReadonlyMap<number | string, ImageSize>;
}

/** A pixel of rounding past the edge of the image is no problem. */
const slack = 1;

/**
 * Everything that is wrong with the records of a data set and can be seen without its images.
 *
 * Boxes are held against the image's edges only where its size is known.
 */
export function* checkRecords(
  splits: SplitRecords,
  { longestExpression, sizes }: CheckRecordsOptions,
): Generator<DataProblem> {
  const splitOfImage = new Map<number | string, string>();
  const boxes: ObservedBox[] = [];
  const sharedImages = new Map<string, Set<number | string>>();
  for (const [split, records] of splits) {
    const report = (
      kind: ProblemKind,
      record: number | undefined,
      image: number | string | undefined,
      message: string,
    ): DataProblem => ({
      kind,
      severity: problemKinds[kind],
      split,
      ...(record === undefined ? {} : { record }),
      ...(image === undefined ? {} : { image }),
      message,
    });
    if (records.length === 0) yield report('empty-split', undefined, undefined, 'has no records');
    const seen = new Map<string, string>();
    for (const [index, record] of records.entries()) {
      const { image, box, expressions } = record;
      const at = (kind: ProblemKind, message: string) => report(kind, index, image, message);
      if (typeof image === 'string' && leadsOut(image))
        yield at('unsafe-path', `"${image}" leads out of the image folder`);
      const before = splitOfImage.get(image);
      if (before === undefined) splitOfImage.set(image, split);
      else if (before !== split) {
        const pair = `${before} and ${split}`;
        const shared = sharedImages.get(pair) ?? new Set();
        sharedImages.set(pair, shared.add(image));
      }
      const size = record.size ?? sizes?.get(image);
      if (box && box[2] > 0 && box[3] > 0) boxes.push({ box, size });
      if (box) yield* boxProblems(box, size, at);
      else if (split !== 'train') yield at('no-box', 'has no box, so it cannot be scored');
      if (expressions.length === 0) yield at('no-expression', 'has no expression');
      for (const expression of expressions) {
        yield* expressionProblems(expression, longestExpression, at);
        const key = `${image}\n${expression}`;
        const place = String(box);
        const other = seen.get(key);
        if (other === undefined) seen.set(key, place);
        else if (other === place)
          yield at('duplicate-record', `"${expression}" with the same image and box comes twice`);
        else yield at('ambiguous-expression', `"${expression}" means two boxes of the image`);
      }
    }
  }
  const looks = detectBoxConvention(boxes);
  if (looks.convention !== undefined && looks.convention !== 'xywh') {
    yield {
      kind: 'suspicious-boxes',
      severity: problemKinds['suspicious-boxes'],
      message: `boxes were read as corner and size in pixels, and look like ${looks.convention}: ${looks.reason}. Declare how they are written`,
    };
  }
  for (const [pair, images] of sharedImages) {
    const some = [...images].slice(0, 3).join(', ');
    yield {
      kind: 'image-in-two-splits',
      severity: problemKinds['image-in-two-splits'],
      message: `${images.size} image(s) are in ${pair}: ${some}${images.size > 3 ? ', …' : ''}`,
    };
  }
}

function* boxProblems(
  box: XywhBox,
  size: ImageSize | undefined,
  at: (kind: ProblemKind, message: string) => DataProblem,
): Generator<DataProblem> {
  const [x, y, w, h] = box;
  if (!(w > 0 && h > 0)) {
    yield at('empty-box', `box [${box}] has no area`);
    return;
  }
  if (!size) return;
  const { width, height } = size;
  if (x >= width || y >= height || x + w <= 0 || y + h <= 0) {
    yield at('box-outside', `box [${box}] lies outside its image of ${width}×${height}`);
  } else if (x < -slack || y < -slack || x + w > width + slack || y + h > height + slack) {
    yield at('box-partly-outside', `box [${box}] reaches out of its image of ${width}×${height}`);
  }
}

function* expressionProblems(
  expression: string,
  longest: number,
  at: (kind: ProblemKind, message: string) => DataProblem,
): Generator<DataProblem> {
  const words = splitWords(expression).length;
  const shown = expression.length > 60 ? `${expression.slice(0, 60)}…` : expression;
  if (words === 0) yield at('empty-expression', `"${shown}" has no words`);
  if (words > longest) yield at('long-expression', `"${shown}" has ${words} words; the model reads ${longest}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/\ufffd|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(expression) || /\p{Surrogate}/u.test(expression)) {
    yield at('broken-encoding', `"${shown}" holds replacement or control characters`);
  } else if (/[ÃÂ][\u0080-\u00bf]|â€/.test(expression)) {
    yield at('suspicious-encoding', `"${shown}" looks like UTF-8 that was read as Latin-1`);
  }
}
