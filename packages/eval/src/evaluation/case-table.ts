import { boxArea, boxIou } from '@refclip/structures';
import { describeExpression } from '../expressions/describe-expression.js';
import { type CaseStatus, caseStatuses } from './case-status.js';
import type { EvaluationCase } from './evaluation-case.js';
import { GrowingArray } from './growing-array.js';
import { TextColumn } from './text-column.js';

const float64 = () => new GrowingArray((length) => new Float64Array(length));
const int32 = () => new GrowingArray((length) => new Int32Array(length));
const uint8 = () => new GrowingArray((length) => new Uint8Array(length));

/** Bits of `wordKinds`. `known` is set when there is an expression at all. */
export const wordKindBits = { known: 1, place: 2, relation: 4, color: 8, ordinal: 16 } as const;

/**
 * Everything the figures are computed from, one column per property and one row per expression: about 90 bytes and its name each,
 * whatever the length of the expression. Axes: N expressions.
 */
export class CaseTable {
  readonly images = new TextColumn();
  readonly splits = new TextColumn();
  readonly categories = new TextColumn();
  /** Name of each expression, `[N]`. */
  readonly keys = new TextColumn();
  readonly #iou = float64();
  readonly #bestOf5 = float64();
  readonly #bestOf10 = float64();
  readonly #score = float64();
  readonly #confidence = float64();
  readonly #area = float64();
  readonly #aspect = float64();
  readonly #image = int32();
  readonly #split = int32();
  readonly #category = int32();
  readonly #sameCategory = int32();
  readonly #words = int32();
  readonly #status = uint8();
  readonly #centered = uint8();
  readonly #wordKinds = uint8();
  /** Most boxes that one prediction has. */
  mostBoxes = 0;

  get length(): number {
    return this.keys.length;
  }

  /** Adds an expression. @returns its row. */
  add(item: EvaluationCase): number {
    const { boxes, truths, iou } = item;
    this.keys.push(item.key);
    this.#iou.push(iou);
    this.#status.push(caseStatuses.indexOf(item.status));
    this.#image.push(this.images.numberOf(item.imageId));
    this.#split.push(this.splits.numberOf(item.split ?? ''));
    this.#category.push(this.categories.numberOf(item.category ?? ''));
    this.#sameCategory.push(item.sameCategory ?? -1);
    this.#score.push(item.score ?? Number.NaN);
    this.#confidence.push(item.confidence ?? Number.NaN);
    this.mostBoxes = Math.max(this.mostBoxes, boxes.length);
    const truth = truths.length === 1 ? truths[0]! : undefined;
    const [first] = boxes;
    let [bestOf5, bestOf10] = [iou, iou];
    if (truth && boxes.length > 1 && item.status === 'answered') {
      for (let k = 1; k < Math.min(boxes.length, 10); k++) {
        const other = boxIou(boxes[k]!, truth);
        if (k < 5 && other > bestOf5) bestOf5 = other;
        if (other > bestOf10) bestOf10 = other;
      }
    }
    this.#bestOf5.push(bestOf5);
    this.#bestOf10.push(bestOf10);
    this.#area.push(truth ? boxArea(truth) : Number.NaN);
    this.#aspect.push(truth ? (truth[2] - truth[0]) / (truth[3] - truth[1]) : Number.NaN);
    let centered = 0;
    if (truth && first && item.status === 'answered') {
      const [x, y] = [(first[0] + first[2]) / 2, (first[1] + first[3]) / 2];
      if (x >= truth[0] && x < truth[2] && y >= truth[1] && y < truth[3]) centered = 1;
    }
    this.#centered.push(centered);
    this.#pushWords(item.expression);
    return this.keys.length - 1;
  }

  #pushWords(expression: string | undefined): void {
    if (expression === undefined) {
      this.#words.push(-1);
      this.#wordKinds.push(0);
      return;
    }
    const traits = describeExpression(expression);
    let bits: number = wordKindBits.known;
    if (traits.place) bits |= wordKindBits.place;
    if (traits.relation) bits |= wordKindBits.relation;
    if (traits.color) bits |= wordKindBits.color;
    if (traits.ordinal) bits |= wordKindBits.ordinal;
    this.#words.push(traits.words);
    this.#wordKinds.push(bits);
  }

  /** Makes a row wrong for a reason found later: a second prediction for its expression. */
  fail(row: number, status: CaseStatus): void {
    this.#status.set(row, caseStatuses.indexOf(status));
    for (const column of [this.#iou, this.#bestOf5, this.#bestOf10]) column.set(row, Number.NaN);
    this.#centered.set(row, 0);
  }

  /** IoU that accuracies are counted from; NaN where a prediction is unusable. `[N]` */
  get ious(): Float64Array {
    return this.#iou.values;
  }
  /** Best IoU among the first five boxes. `[N]` */
  get bestOf5(): Float64Array {
    return this.#bestOf5.values;
  }
  /** Best IoU among the first ten boxes. `[N]` */
  get bestOf10(): Float64Array {
    return this.#bestOf10.values;
  }
  /** The model's own score, NaN where there is none. `[N]` */
  get scores(): Float64Array {
    return this.#score.values;
  }
  /** Probability of being right, NaN where there is none. `[N]` */
  get confidences(): Float64Array {
    return this.#confidence.values;
  }
  /** Area of the truth in square image pixels; NaN without exactly one truth. `[N]` */
  get areas(): Float64Array {
    return this.#area.values;
  }
  /** Width over height of the truth. `[N]` */
  get aspects(): Float64Array {
    return this.#aspect.values;
  }
  /** Place in `images`. `[N]` */
  get imageNumbers(): Int32Array {
    return this.#image.values;
  }
  /** Place in `splits`; an empty name is none. `[N]` */
  get splitNumbers(): Int32Array {
    return this.#split.values;
  }
  /** Place in `categories`; an empty name is none. `[N]` */
  get categoryNumbers(): Int32Array {
    return this.#category.values;
  }
  /** Same-category objects in the image, −1 unknown. `[N]` */
  get sameCategory(): Int32Array {
    return this.#sameCategory.values;
  }
  /** Words of the expression, −1 unknown. `[N]` */
  get words(): Int32Array {
    return this.#words.values;
  }
  /** Place in `caseStatuses`. `[N]` */
  get statuses(): Uint8Array {
    return this.#status.values;
  }
  /** 1 where the center of the prediction lies in the truth. `[N]` */
  get centered(): Uint8Array {
    return this.#centered.values;
  }
  /** Bits of {@link wordKindBits}. `[N]` */
  get wordKinds(): Uint8Array {
    return this.#wordKinds.values;
  }
}
