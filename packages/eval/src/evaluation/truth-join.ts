import {
  createImageIndex,
  heldOutSplit,
  type ImageIndex,
  imageKey,
  parsePredictionId,
  predictionId,
} from '@refclip/records';
import { DataFormatError } from '@refclip/structures';
import type { PredictionFormat } from '../predictions/detect-prediction-format.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import type { TruthSet } from '../truth/truth-set.js';

/** The ways a prediction finds its expression, and what each goes by. */
export const joinRules = {
  id: "the prediction's id is the expression's id in its split, or split:record:expression as the trainer writes it",
  sentence: 'sent_id; a prediction with a ref_id alone answers every expression of the ref',
  ref: 'the id or ref_id is the ref, whose every expression the prediction answers',
  'image-expression': 'image and expression text, ignoring case and spaces around',
  image: 'the image, which must have one expression',
  position: 'the n-th prediction answers the n-th expression',
} as const satisfies Record<string, string>;

/** Name of a way to join. */
export type JoinRule = keyof typeof joinRules;

/**
 * The rule a format is joined by when none is said.
 *
 * @returns undefined where the format has no key that means the same in an annotation file.
 */
export function defaultJoinRule(format: PredictionFormat, row: PredictionRow): JoinRule | undefined {
  const byText = row.imageId !== undefined && row.expression !== undefined;
  switch (format) {
    case 'labels':
      return 'id';
    case 'annotations':
      return 'image-expression';
    case 'refclip':
    case 'text':
      return row.id === undefined ? 'image-expression' : 'id';
    case 'refer':
      return 'sentence';
    case 'coco':
      return 'image';
    case 'mmdetection':
      return byText ? 'image-expression' : 'image';
    case 'per-expression':
      return byText ? 'image-expression' : undefined;
  }
}

/** Letters and digits of an expression: what tokenizers leave alone. */
const plainText = (expression: string) =>
  expression
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

const textKey = (imageId: string, expression: string) => `${imageId}\n${expression.trim().toLowerCase()}`;

/** Finds the expressions that a prediction answers, as places in the truth set. */
export class TruthJoin {
  readonly #places = new Map<string, number[]>();
  readonly #splits: ReadonlySet<string>;
  readonly #truth: TruthSet;
  readonly #images: ImageIndex;
  /** Expressions that some prediction answered; only text joins ask. */
  readonly #answered = new Set<number>();
  /** Expressions that only their order tells apart, and the rows that answer them; by their places. */
  readonly #alike = new Map<
    string,
    { readonly places: readonly number[]; readonly first: PredictionRow; rows: number }
  >();
  #position = 0;

  constructor(
    truth: TruthSet,
    readonly rule: JoinRule,
  ) {
    this.#truth = truth;
    this.#images = createImageIndex(
      truth.expressions.map(({ imageId }) => imageId),
      truth.file,
    );
    this.#splits = new Set(truth.expressions.map((expression) => expression.split));
    const put = (key: string | undefined, place: number) => {
      if (key === undefined) return;
      const places = this.#places.get(key);
      if (places) places.push(place);
      else this.#places.set(key, [place]);
    };
    for (const [place, e] of truth.expressions.entries()) {
      if (rule === 'id') {
        put(`${e.split}\n${e.id}`, place);
        put(e.predictionId, place);
      }
      if (rule === 'image') put(e.imageId, place);
      if (rule === 'image-expression') put(textKey(e.imageId, e.expression), place);
      if (rule === 'ref' || rule === 'sentence') put(e.refId === undefined ? undefined : `ref ${e.refId}`, place);
      if (rule === 'sentence') put(e.sentenceId === undefined ? undefined : `sentence ${e.sentenceId}`, place);
    }
    if (rule === 'sentence' && this.#places.size === 0 && truth.expressions.length > 0) {
      throw new DataFormatError(
        { file: truth.file, field: 'sent_ids' },
        'has neither sentence ids nor ref ids to join by.',
      );
    }
  }

  /**
   * Places of the expressions a prediction answers; none when it belongs to no known expression.
   *
   * @throws {DataFormatError} when the row lacks what the rule goes by, or the rule cannot decide.
   */
  find(row: PredictionRow, file: string): readonly number[] {
    const lacks = (field: string) =>
      new DataFormatError({ file, record: row.at, field }, `is missing, which joining by ${this.rule} needs.`);
    switch (this.rule) {
      case 'id': {
        if (row.id === undefined) throw lacks('id');
        const said = parsePredictionId(row.id);
        const isHeldOut = said?.split === heldOutSplit && !this.#splits.has(heldOutSplit);
        const named = said && this.#places.get(isHeldOut ? predictionId({ ...said, split: 'train' }) : row.id);
        if (named) return named;
        const split = row.split ?? (this.#splits.size === 1 ? [...this.#splits][0] : undefined);
        if (split === undefined) {
          const problem = `is missing, and ${this.#truth.file} has several (${[...this.#splits].join(', ')}). Say the split.`;
          throw new DataFormatError({ file, record: row.at, field: 'split' }, problem);
        }
        return this.#places.get(`${split}\n${row.id}`) ?? [];
      }
      case 'sentence':
        if (row.id === undefined && row.refId === undefined) throw lacks('sent_id');
        return this.#places.get(row.id === undefined ? `ref ${row.refId}` : `sentence ${row.id}`) ?? [];
      case 'ref': {
        const ref = row.refId ?? row.id;
        if (ref === undefined) throw lacks('ref_id');
        return this.#places.get(`ref ${ref}`) ?? [];
      }
      case 'image-expression':
        if (row.imageId === undefined) throw lacks('imageId');
        if (row.expression === undefined) throw lacks('expression');
        return this.#nextOf(row, this.#places.get(textKey(this.#imageOf(row, file), row.expression)) ?? []);
      case 'image': {
        if (row.imageId === undefined) throw lacks('imageId');
        const places = this.#places.get(this.#imageOf(row, file)) ?? [];
        if (places.length > 1) {
          const problem = `image ${row.imageId} has ${places.length} expressions; joining by image cannot tell which is meant. Join by another rule.`;
          throw new DataFormatError({ file, record: row.at, field: 'imageId' }, problem);
        }
        return places;
      }
      case 'position': {
        const place = this.#position++;
        return place < this.#truth.expressions.length ? [place] : [];
      }
    }
  }

  /** The truth's key of a row's image; the row's own where the truth has no such image. */
  #imageOf({ imageId = '', at }: PredictionRow, file: string): string {
    return this.#images.resolve(imageId, { file, record: at, field: 'imageId' }) ?? imageId;
  }

  /** Equal expressions of one image are told apart by split and ref where the row says them, and answered in their order; one prediction too many repeats the last. */
  #nextOf(row: PredictionRow, all: readonly number[]): readonly number[] {
    const { expressions } = this.#truth;
    const inSplit = row.split === undefined ? all : all.filter((at) => expressions[at]!.split === row.split);
    const ofRef = row.refId === undefined ? [] : inSplit.filter((at) => expressions[at]!.refId === row.refId);
    const places = ofRef.length > 0 ? ofRef : inSplit;
    const place = places.find((candidate) => !this.#answered.has(candidate)) ?? places.at(-1);
    if (place === undefined) return [];
    this.#answered.add(place);
    if (places.length > 1 && !this.#haveOneTarget(places)) {
      const key = places.join();
      const alike = this.#alike.get(key) ?? { places, first: row, rows: 0 };
      alike.rows++;
      this.#alike.set(key, alike);
    }
    return [place];
  }

  #haveOneTarget([first, ...others]: readonly number[]): boolean {
    const boxesOf = (place: number | undefined) => JSON.stringify(this.#truth.expressions[place!]!.boxes);
    return others.every((place) => boxesOf(place) === boxesOf(first));
  }

  /**
   * To be asked when all rows are joined.
   *
   * @returns what was decided, in words.
   * @throws {DataFormatError} when equal expressions of one image have different boxes and only some have a prediction: whose it is cannot be told.
   */
  finish(file: string): readonly string[] {
    const { expressions, file: truthFile } = this.#truth;
    const problems: string[] = [];
    let [ordered, acrossSplits] = [0, false];
    for (const { places, first, rows } of this.#alike.values()) {
      if (places.every((place) => this.#answered.has(place))) {
        ordered += rows;
        continue;
      }
      acrossSplits ||= new Set(places.map((place) => expressions[place]!.split)).size > 1;
      const names = places
        .map((place) => expressions[place]!)
        .map(({ predictionId, split, id }) => predictionId ?? `${split} ${id}`);
      const which = `"${first.expression}" of image ${expressions[places[0]!]!.imageId} is ${places.length} expressions (${names.join(', ')})`;
      problems.push(`${which}, with ${rows === 1 ? '1 prediction' : `${rows} predictions`} (${first.at})`);
    }
    if (problems.length > 0) {
      const more = problems.length > 5 ? `; and ${problems.length - 5} more` : '';
      const problem =
        `equal expressions of one image have different boxes in ${truthFile}, and not all have a prediction, so whose it is cannot be told: ` +
        `${problems.slice(0, 5).join('; ')}${more}. Give rows that name their expressions: labels.jsonl of the pseudo-labeler instead of an export ` +
        `that left records out, or predictions with "id" or "refId"${acrossSplits ? ', or say the split (--split)' : ''}.`;
      throw new DataFormatError({ file, field: 'expression' }, problem);
    }
    if (ordered === 0) return [];
    return [`${ordered} predictions answer equal expressions of one image: paired in the order of the files`];
  }

  /** What of a row contradicts the expression that it was joined with; undefined when nothing does. */
  contradiction(row: PredictionRow, place: number): string | undefined {
    const { expression, imageId } = this.#truth.expressions[place]!;
    if (row.expression !== undefined && plainText(row.expression) !== plainText(expression)) {
      return `"${row.expression}" there and "${expression}" in ${this.#truth.file}`;
    }
    // In COCO results for referring expressions, `image_id` numbers the expressions.
    if (this.rule === 'position' && row.id !== undefined && imageKey(row.id) === row.imageId) return undefined;
    if (row.imageId === undefined || this.#images.candidates(row.imageId).includes(imageId)) return undefined;
    return `image ${row.imageId} there and ${imageId} in ${this.#truth.file}`;
  }
}

/**
 * The join by a rule, or by the default of the format.
 *
 * @param row  the first prediction, which shows what there is to join by.
 * @throws {DataFormatError} when the format has no default. @internal
 */
export function createTruthJoin(
  truth: TruthSet,
  rule: JoinRule | undefined,
  format: PredictionFormat,
  row: PredictionRow,
  file: string,
): TruthJoin {
  const used = rule ?? defaultJoinRule(format, row);
  if (used) return new TruthJoin(truth, used);
  const problem = `rows of format ${format} have no key that means the same in ${truth.file}. Say the rule of joining.`;
  throw new DataFormatError({ file, record: row.at }, problem);
}
