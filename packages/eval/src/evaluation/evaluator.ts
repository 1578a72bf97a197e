import { heldOutSplit, parsePredictionId } from '@refclip/records';
import { boxIou, DataFormatError, UsageError, type XyxyBox } from '@refclip/structures';
import type { Comparator } from '../metrics/comparator.js';
import { GeneralizedAccumulator, type GeneralizedResult } from '../metrics/generalized-accumulator.js';
import { MaskAccumulator, type MaskResult } from '../metrics/mask-accumulator.js';
import type { MaskOverlap } from '../metrics/mask-overlap.js';
import { type BoxSetMatch, matchBoxSets } from '../metrics/match-box-sets.js';
import { runLengthOverlap } from '../metrics/run-length-overlap.js';
import type { PredictionFormat } from '../predictions/detect-prediction-format.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import type { TruthExpression, TruthSet } from '../truth/truth-set.js';
import { type CaseStatus, caseStatuses } from './case-status.js';
import { CaseTable } from './case-table.js';
import type { EvaluationCase } from './evaluation-case.js';
import { type ExcludeBy, Exclusions } from './exclusions.js';
import { RecordedIouCheck, type RecordedSummary } from './recorded-iou-check.js';
import { createTruthJoin, type JoinRule, type TruthJoin } from './truth-join.js';

/** How predictions meet their truth. */
export interface EvaluatorOptions {
  /** Prediction file, for messages. */
  readonly file?: string | undefined;
  /** Decides the rule of joining when none is given; default `refclip`. */
  readonly format?: PredictionFormat | undefined;
  /** Annotations; without them every row must carry its truth. */
  readonly truth?: TruthSet | undefined;
  readonly join?: JoinRule | undefined;
  /** Only so many first records of each split were asked about; the others are left out. Default: all. */
  readonly firstRecords?: number | undefined;
  /** Rows that name another split are set aside and counted. */
  readonly split?: string | undefined;
  /** Whether IoUs are computed from the boxes (default) or taken as the file records them. */
  readonly iou?: 'boxes' | 'recorded' | undefined;
  /** Expressions may have none or many targets; their IoU is `setIou` of {@link matchBoxSets}. */
  readonly generalized?: boolean | undefined;
  /** Ids to leave out, and what they are ids of (default `id`). */
  readonly exclude?: ReadonlySet<string> | undefined;
  readonly excludeBy?: ExcludeBy | undefined;
  /** Denominator: expressions of the split as published. Those that the file lacks are missing, so wrong. */
  readonly count?: number | undefined;
  /** IoU threshold and comparator of the verdict on single expressions; default `> 0.5`. */
  readonly threshold?: number | undefined;
  readonly comparator?: Comparator | undefined;
  /** Keep every expression with its boxes, as a report needs them. */
  readonly keepCases?: boolean | undefined;
}

/** Predictions and truth, joined. */
export interface Evaluation {
  readonly table: CaseTable;
  /** In table order; empty unless `keepCases`. */
  readonly cases: readonly EvaluationCase[];
  /** Rule of joining; undefined when the file carries its truth. */
  readonly join: JoinRule | undefined;
  /** Names of the expressions (or rows) of each kind of problem, at most 100 each, and how many there are. */
  readonly problems: Readonly<
    Record<Exclude<CaseStatus, 'answered'>, { readonly count: number; readonly names: readonly string[] }>
  >;
  /** Expressions with an empty truth box, which nothing can match. */
  readonly degenerateTruths: number;
  /** Expressions left out on request. */
  readonly excluded: number;
  /** Rows of other splits. */
  readonly otherSplits: number;
  /** Expressions and predictions of records without a box in the truth, which nobody can score. */
  readonly unannotated: number;
  /** Whether any prediction or annotation names its image; without, every expression stands for itself. */
  readonly knowsImages: boolean;
  /** What was left out or decided, in words. */
  readonly notes: readonly string[];
  readonly generalized: GeneralizedResult | undefined;
  readonly masks: MaskResult | undefined;
  readonly recorded: RecordedSummary | undefined;
}

const namesKept = 100;

const isFiniteBox = (box: XyxyBox) =>
  Number.isFinite(box[0]) && Number.isFinite(box[1]) && Number.isFinite(box[2]) && Number.isFinite(box[3]);
const isEmptyBox = (box: XyxyBox) => box[2] <= box[0] || box[3] <= box[1];

/**
 * Joins predictions with their truth, one row at a time, and accounts for every row and every expression.
 *
 * @throws {DataFormatError} from `add` and `finish`, with record and field.
 */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #file: string;
  readonly #table = new CaseTable();
  readonly #cases: EvaluationCase[] = [];
  readonly #overlaps = new Map<number, MaskOverlap>();
  readonly #matches = new Map<number, BoxSetMatch>();
  readonly #check: RecordedIouCheck;
  readonly #exclusions: Exclusions | undefined;
  /** Row of each expression of the truth, −1 before it is answered. */
  readonly #rowOfPlace: Int32Array;
  #join: TruthJoin | undefined;
  #rows = 0;
  #manyBoxes = 0;
  #joined = 0;
  #contradicted = 0;
  #compared = 0;
  #knowsImages = false;
  #unannotated = 0;
  #beyond = 0;
  /** Rows joined by id whose text or image is another's, and whose id says a place in a file. */
  #strangers = 0;
  #strangersOfPlaces = 0;
  #firstStranger: string | undefined;
  #excluded = 0;
  #otherSplits = 0;
  #degenerateTruths = 0;
  #firstUnjoined: string | undefined;
  /** Splits of the truth that predictions belong to. */
  readonly #answeredSplits = new Set<string>();
  /** Expressions of `train` that a training held out: of the others nobody was asked. */
  readonly #heldOut = new Set<number>();

  constructor(options: EvaluatorOptions = {}) {
    this.#options = options;
    this.#file = options.file ?? 'predictions';
    this.#rowOfPlace = new Int32Array(options.truth?.expressions.length ?? 0).fill(-1);
    const { exclude, excludeBy, truth } = options;
    this.#exclusions = exclude && new Exclusions(exclude, excludeBy, truth);
    this.#check = new RecordedIouCheck(options.threshold ?? 0.5, options.comparator ?? '>');
  }

  add(row: PredictionRow): void {
    const { split, truth } = this.#options;
    this.#rows++;
    if (row.boxes.length > 1) this.#manyBoxes++;
    if (split !== undefined && row.split !== undefined && row.split !== split) {
      this.#otherSplits++;
      return;
    }
    if (truth) this.#addJoined(row, truth);
    else this.#addCarried(row);
  }

  #addCarried(row: PredictionRow): void {
    const name = row.id ?? `${row.imageId} ${row.expression}`;
    const key = row.split === undefined ? name : `${row.split} ${name}`;
    const known = this.#table.keys.find(key);
    if (known >= 0) {
      this.#fail(known, 'duplicate');
      return;
    }
    if (this.#exclusions?.has({ id: name, sentenceId: row.id, refId: row.refId, imageId: row.imageId })) {
      this.#excluded++;
      return;
    }
    if (!row.truths && this.#options.iou !== 'recorded' && !row.truthMask) {
      const problem = 'the row carries no annotated box. Give annotations, or write the truth beside each prediction.';
      throw new DataFormatError({ file: this.#file, record: row.at, field: 'truth' }, problem);
    }
    this.#addCase(row, key, row, row.truths ?? []);
  }

  #addJoined(row: PredictionRow, truth: TruthSet): void {
    const places = this.#joinFor(row, truth).find(row, this.#file);
    if (places.length === 0) {
      const { id = '', refId, imageId } = row;
      if (this.#exclusions?.has({ id, sentenceId: row.id, refId, imageId })) return;
      this.#firstUnjoined ??= `${row.id ?? row.refId ?? `${row.imageId} ${row.expression ?? ''}`}`;
      if (row.id !== undefined && this.#join?.rule === 'id' && parsePredictionId(row.id)) {
        this.#strangersOfPlaces++;
        this.#firstStranger ??= `${row.id} is not in ${truth.file}`;
      }
      const key = `(no such expression) ${row.at}`;
      this.#push({ key, status: 'extra', imageId: row.imageId ?? key, truths: [], boxes: row.boxes, iou: Number.NaN });
      return;
    }
    this.#joined++;
    const isHeldOut = row.id !== undefined && parsePredictionId(row.id)?.split === heldOutSplit;
    for (const place of places) {
      const expression = truth.expressions[place]!;
      if (this.#exclusions?.has(expression)) continue;
      this.#checkSame(row, place);
      this.#answeredSplits.add(expression.split);
      if (isHeldOut && expression.split === 'train') this.#heldOut.add(place);
      if (expression.unannotated) continue;
      const key = `${expression.split} ${expression.id}`;
      if (this.#rowOfPlace[place]! >= 0) {
        this.#fail(this.#rowOfPlace[place]!, 'duplicate');
        continue;
      }
      if (row.truths?.length === 1 && expression.boxes.length === 1) {
        this.#compared++;
        if (!(boxIou(row.truths[0]!, expression.boxes[0]!) > 0.5)) this.#contradicted++;
      }
      this.#rowOfPlace[place] = this.#addCase(row, key, expression, expression.boxes, expression);
    }
  }

  /** Notes a row that is joined by id and says another text or image than its expression. */
  #checkSame(row: PredictionRow, place: number): void {
    const { rule } = this.#join!;
    if (rule !== 'id' && rule !== 'sentence' && rule !== 'position') return;
    const contradiction = this.#join!.contradiction(row, place);
    if (contradiction === undefined) return;
    this.#strangers++;
    if (rule === 'id' && row.id !== undefined && parsePredictionId(row.id)) this.#strangersOfPlaces++;
    this.#firstStranger ??= `${row.id ?? row.at} is ${contradiction}`;
  }

  #joinFor(row: PredictionRow, truth: TruthSet): TruthJoin {
    const { join, format = 'refclip' } = this.#options;
    this.#join ??= createTruthJoin(truth, join, format, row, this.#file);
    return this.#join;
  }

  /** Scores one answer. `about` says what is known of the expression. @returns its row. */
  #addCase(
    row: PredictionRow,
    key: string,
    about: Partial<Omit<EvaluationCase, 'key' | 'status' | 'truths' | 'boxes' | 'iou'>>,
    truths: readonly XyxyBox[],
    expression?: TruthExpression,
  ): number {
    const { generalized = false, iou: source = 'boxes' } = this.#options;
    const truthMask = expression?.mask ?? row.truthMask;
    if (!truths.every(isFiniteBox)) {
      throw new DataFormatError(
        { file: this.#file, record: row.at, field: 'truth' },
        'a coordinate is not a finite number.',
      );
    }
    if (!generalized && source === 'boxes' && truths.length !== 1 && !truthMask) {
      const problem = `the expression has ${truths.length} targets; expected 1. Evaluate as generalized REC for none or many.`;
      throw new DataFormatError({ file: this.#file, record: row.at, field: 'truths' }, problem);
    }
    const truth = truths[0];
    if (truths.some(isEmptyBox)) this.#degenerateTruths++;
    const considered = generalized || row.boxes.length <= 1 ? row.boxes : row.boxes.slice(0, 1);
    let status: CaseStatus = 'answered';
    let iou = Number.NaN;
    if (source === 'recorded') {
      if (row.recordedIou === undefined) {
        const problem = 'the row records no IoU. Compute them from the boxes instead.';
        throw new DataFormatError({ file: this.#file, record: row.at, field: 'iou' }, problem);
      }
      iou = row.recordedIou;
      if (!Number.isFinite(iou)) status = 'not-a-number';
    } else if (!considered.every(isFiniteBox)) {
      status = 'not-a-number';
    } else if (considered.some(isEmptyBox)) {
      status = 'degenerate';
    } else if (considered.length === 0 && !generalized && !(row.mask && truths.length === 0)) {
      status = 'no-box';
    } else if (generalized) {
      iou = matchBoxSets(considered, truths).setIou;
    } else if (truth) {
      iou = boxIou(considered[0]!, truth);
    }
    if (row.recordedIou !== undefined && considered[0] && isFiniteBox(considered[0]) && truth && truths.length === 1) {
      this.#check.add(key, row.recordedIou, considered[0], truth);
    }
    if ((about.imageId ?? row.imageId) !== undefined) this.#knowsImages = true;
    const place = this.#push({
      key,
      status,
      imageId: about.imageId ?? row.imageId ?? key,
      split: about.split,
      expression: about.expression,
      category: about.category,
      sameCategory: about.sameCategory,
      truths,
      boxes: row.boxes,
      iou,
      score: row.score,
      confidence: row.confidence,
      width: about.width ?? row.width,
      height: about.height ?? row.height,
    });
    // A bad box in a set is a box all the same: it can only be a false positive, which an empty match says.
    if (generalized) this.#matches.set(place, matchBoxSets(considered, truths));
    if (row.mask && truthMask) this.#overlaps.set(place, runLengthOverlap(row.mask, truthMask));
    else if (truthMask)
      this.#overlaps.set(place, { intersection: 0, union: runLengthOverlap(truthMask, truthMask).union });
    return place;
  }

  #push(item: EvaluationCase): number {
    if (this.#options.keepCases) this.#cases.push(item);
    return this.#table.add(item);
  }

  #fail(row: number, status: CaseStatus): void {
    this.#table.fail(row, status);
    if (this.#options.keepCases) this.#cases[row] = { ...this.#cases[row]!, status, iou: Number.NaN };
    const overlap = this.#overlaps.get(row);
    if (overlap) this.#overlaps.set(row, { intersection: 0, union: overlap.union });
    const match = this.#matches.get(row);
    // Scored as one false positive and, where there are targets, all of them missed.
    if (match) this.#matches.set(row, { ious: [], predictions: 1, truths: match.truths, setIou: 0 });
  }

  /** Accounts for the expressions without prediction and gives the whole. */
  finish(): Evaluation {
    const { truth, count, generalized } = this.#options;
    if (truth && this.#rows > this.#otherSplits && this.#joined === 0) {
      const problem =
        `none of the ${this.#rows} predictions belongs to an expression of ${truth.file}, joined by ` +
        `${this.#join?.rule ?? 'nothing'} (the first is "${this.#firstUnjoined}"; ids there begin with "${truth.expressions[0]?.id}"). ` +
        'Check the files, the split and the rule of joining.';
      throw new DataFormatError({ file: this.#file }, problem);
    }
    this.#assertSameAnnotations();
    this.#assertNotGathered();
    const joinNotes = this.#join?.finish(this.#file) ?? [];
    if (this.#contradicted > 0.1 * this.#compared) {
      const problem =
        `the annotated boxes in ${this.#contradicted} of ${this.#compared} predictions are not those of ${truth?.file}: ` +
        'the join pairs other expressions. Check the split and the rule of joining.';
      throw new DataFormatError({ file: this.#file, field: 'truth' }, problem);
    }
    for (const [place, expression] of (truth?.expressions ?? []).entries()) {
      if (this.#rows > 0 && !this.#answeredSplits.has(expression.split)) continue;
      if (this.#heldOut.size > 0 && expression.split === 'train' && !this.#heldOut.has(place)) continue;
      if (this.#isBeyond(expression)) this.#beyond++;
      else if (expression.unannotated) this.#unannotated++;
      else if (this.#exclusions?.has(expression)) this.#excluded++;
      else if (this.#rowOfPlace[place]! < 0) this.#addMissing(expression);
    }
    if (count !== undefined) {
      if (count < this.#table.length) {
        throw new UsageError(
          `${this.#file}: holds ${this.#table.length} expressions; a count of ${count} is too small. Give the size of the split, or none.`,
        );
      }
      for (let i = this.#table.length; i < count; i++) {
        const key = `(not in the file) ${i}`;
        const split = this.#options.split;
        this.#push({ key, status: 'missing', imageId: key, split, truths: [], boxes: [], iou: Number.NaN });
        if (generalized) this.#matches.set(i, { ious: [], predictions: 0, truths: 1, setIou: 0 });
      }
    }
    return {
      table: this.#table,
      cases: this.#cases,
      join: this.#join?.rule,
      problems: this.#problems(),
      degenerateTruths: this.#degenerateTruths,
      excluded: this.#excluded,
      otherSplits: this.#otherSplits,
      unannotated: this.#unannotated,
      knowsImages: this.#knowsImages,
      notes: [...joinNotes, ...this.#notes()],
      generalized: generalized ? this.#generalizedResult() : undefined,
      masks: this.#maskResult(),
      recorded: this.#check.result().compared > 0 ? this.#check.result() : undefined,
    };
  }

  #isBeyond({ predictionId }: TruthExpression): boolean {
    const { firstRecords } = this.#options;
    const record = firstRecords === undefined ? undefined : parsePredictionId(predictionId ?? '')?.record;
    return record !== undefined && record >= firstRecords!;
  }

  /** @throws {DataFormatError} when predictions were made from other annotations than the truth. */
  #assertSameAnnotations(): void {
    const { truth } = this.#options;
    if (!truth || (this.#strangersOfPlaces === 0 && this.#strangers <= 0.1 * this.#joined)) return;
    const count = Math.max(this.#strangers, this.#strangersOfPlaces);
    const problem =
      `${count} of ${this.#rows} predictions are of other expressions or images than ${truth.file} has ${this.#join?.rule === 'position' ? 'in their places' : 'under their ids'} (${this.#firstStranger}). ` +
      'Were the annotations changed since? Give the file that the predictions were made from, or --join image-expression.';
    throw new DataFormatError({ file: this.#file }, problem);
  }

  /** @throws {DataFormatError} when results of COCO, which are gathered by picture, are to be counted. */
  #assertNotGathered(): void {
    const { truth, format } = this.#options;
    if (!truth || format !== 'coco' || this.#join?.rule !== 'position' || this.#manyBoxes === 0) return;
    if (this.#rows === truth.expressions.length) return;
    const problem =
      `${this.#manyBoxes} of ${this.#rows} values of image_id come more than once: their boxes were gathered, so that the n-th is not the answer to the n-th of ` +
      `the ${truth.expressions.length} expressions of ${truth.file}. Number the expressions by image_id (--join id), or write RefCLIP's JSON Lines.`;
    throw new DataFormatError({ file: this.#file, field: 'image_id' }, problem);
  }

  #notes(): string[] {
    const { truth, split } = this.#options;
    const notes: string[] = [];
    const unmatched = this.#exclusions?.unmatched ?? [];
    if (unmatched.length > 0) {
      const { exclude, excludeBy = 'id' } = this.#options;
      const shown = `${unmatched.slice(0, 5).join(', ')}${unmatched.length > 5 ? ', …' : ''}`;
      notes.push(
        `${unmatched.length} of ${exclude?.size} excluded ids (by ${excludeBy}) belong to nothing here, and leave nothing out: ${shown}`,
      );
    }
    const others = new Set((truth?.expressions ?? []).map((expression) => expression.split));
    for (const answered of this.#answeredSplits) others.delete(answered);
    if (truth && split === undefined && others.size > 0 && this.#rows > 0) {
      const names = [...this.#answeredSplits].join(', ');
      notes.push(
        `scored on ${names}, which the predictions belong to; ${[...others].join(', ')} of ${truth.file} left out`,
      );
    }
    if (this.#unannotated > 0) {
      notes.push(`${this.#unannotated} expressions have no box in ${truth?.file} and are left out`);
    }
    if (this.#beyond > 0) {
      notes.push(
        `${this.#beyond} expressions behind the first ${this.#options.firstRecords} records were not asked about and are left out`,
      );
    }
    return notes;
  }

  #addMissing(expression: TruthExpression): void {
    const { boxes: truths, ...about } = expression;
    const key = `${expression.split} ${expression.id}`;
    const row = this.#push({ ...about, key, status: 'missing', truths, boxes: [], iou: Number.NaN });
    // Saying nothing is not answering: of an expression without target too.
    if (this.#options.generalized) {
      this.#matches.set(row, { ious: [], predictions: truths.length === 0 ? 1 : 0, truths: truths.length, setIou: 0 });
    }
    if (expression.mask) {
      this.#overlaps.set(row, { intersection: 0, union: runLengthOverlap(expression.mask, expression.mask).union });
    }
  }

  #problems(): Evaluation['problems'] {
    const of = (status: CaseStatus) => {
      const number = caseStatuses.indexOf(status);
      const names: string[] = [];
      let count = 0;
      this.#table.statuses.forEach((value, row) => {
        if (value !== number) return;
        if (count++ < namesKept) names.push(this.#table.keys.at(row)!);
      });
      return { count, names };
    };
    return {
      'no-box': of('no-box'),
      missing: of('missing'),
      duplicate: of('duplicate'),
      extra: of('extra'),
      'not-a-number': of('not-a-number'),
      degenerate: of('degenerate'),
    };
  }

  #generalizedResult(): GeneralizedResult {
    const { threshold = 0.5, comparator = '>' } = this.#options;
    const accumulator = new GeneralizedAccumulator({ threshold, comparator });
    for (const match of this.#matches.values()) accumulator.add(match);
    return accumulator.result();
  }

  #maskResult(): MaskResult | undefined {
    if (this.#overlaps.size === 0) return undefined;
    const comparator = this.#options.comparator ?? '>';
    const accumulator = new MaskAccumulator({ emptyIou: this.#options.generalized ? 1 : 0, comparator });
    for (const overlap of this.#overlaps.values()) accumulator.add(overlap);
    return accumulator.result();
  }
}
