import { UsageError } from '@refclip/structures';
import { areComparable, compareEvaluations, pairEvaluations } from '../evaluation/compare-evaluations.js';
import type { EvaluationCase } from '../evaluation/evaluation-case.js';
import type { Evaluation } from '../evaluation/evaluator.js';
import { type SummaryOptions, summarizeEvaluation } from '../evaluation/summarize-evaluation.js';
import { type Comparator, passes } from '../metrics/comparator.js';
import { computeAccuracyCurve } from './compute-accuracy-curve.js';
import type { GalleryAnswer, GalleryCase, Verdict } from './gallery-case.js';
import type { ReportComparison, ReportContent, ReportSection } from './report-content.js';
import { selectGallery } from './select-gallery.js';

/** An evaluation and what it is called in the report: a model, a split, a seed. */
export interface NamedEvaluation {
  readonly name: string;
  /** Made with `keepCases`, unless the gallery is empty. */
  readonly evaluation: Evaluation;
}

/** What goes into a report. */
export interface ReportOptions extends SummaryOptions {
  readonly title?: string | undefined;
  readonly note?: string | undefined;
  /** Most cases in the gallery, drawn evenly from all outcomes; default 240. */
  readonly gallerySize?: number | undefined;
  /** Ids of the images at hand; when some are, the gallery shows cases of these alone. */
  readonly imageIds?: { readonly has: (imageId: string) => boolean } | undefined;
  /** Parts that the caller brings along, shown after the headline. */
  readonly sections?: readonly ReportSection[] | undefined;
}

/** Most boxes of one answer that the gallery draws. */
const mostBoxes = 20;

function verdictOf({ status, iou }: EvaluationCase, threshold: number, comparator: Comparator): Verdict {
  if (status !== 'answered' || Number.isNaN(iou)) return 'none';
  if (passes(iou, threshold, comparator)) return 'right';
  return iou >= threshold / 2 ? 'near' : 'wrong';
}

function answerOf(item: EvaluationCase, generalized: boolean, options: Required<VerdictRule>): GalleryAnswer {
  const boxes = item.boxes.slice(0, generalized ? mostBoxes : 1).filter((box) => box.every(Number.isFinite));
  return {
    verdict: verdictOf(item, options.threshold, options.comparator),
    status: item.status,
    iou: Number.isNaN(item.iou) ? null : item.iou,
    boxes,
    confidence: item.confidence,
    score: item.score,
  };
}

interface VerdictRule {
  readonly threshold?: number;
  readonly comparator?: Comparator;
}

/** Expressions of all evaluations, those of the same split, id and image together. */
function joinCases(evaluations: readonly NamedEvaluation[], rule: Required<VerdictRule>): GalleryCase[] {
  const cases = new Map<string, GalleryCase & { readonly answers: (GalleryAnswer | null)[] }>();
  for (const [entry, { evaluation }] of evaluations.entries()) {
    const generalized = evaluation.generalized !== undefined;
    for (const item of evaluation.cases) {
      const { key, imageId, expression, split, category, width, height, truths } = item;
      const identity = `${key}\n${imageId}`;
      let known = cases.get(identity);
      if (!known) {
        const answers = new Array<GalleryAnswer | null>(evaluations.length).fill(null);
        known = { key, imageId, expression, split, category, width, height, truths, answers };
        cases.set(identity, known);
      }
      known.answers[entry] = answerOf(item, generalized, rule);
    }
  }
  return [...cases.values()];
}

/** Every later evaluation beside the first, where they are of the same expressions. */
function compareWithFirst(evaluations: readonly NamedEvaluation[], options: ReportOptions & VerdictRule) {
  const [first] = evaluations;
  return evaluations.slice(1).flatMap(({ evaluation }, i): ReportComparison[] => {
    if (!areComparable(pairEvaluations(first!.evaluation, evaluation))) return [];
    return [{ first: 0, second: i + 1, comparison: compareEvaluations(first!.evaluation, evaluation, options) }];
  });
}

/**
 * Computes everything that a report page shows: the figures of each evaluation, each later one compared with the first where both are
 * of the same expressions, and a sample of cases.
 *
 * @param evaluations  at least one; made with `keepCases`.
 * @throws {UsageError} when there is none, or its cases were not kept.
 */
export function createReport(evaluations: readonly NamedEvaluation[], options: ReportOptions = {}): ReportContent {
  const { thresholds = [0.5], comparator = '>', gallerySize = 240, sections = [], title, note, imageIds } = options;
  if (evaluations.length === 0) throw new UsageError('createReport: expected at least one evaluation, got none.');
  const without = evaluations.filter(({ evaluation: { cases, table } }) => cases.length < table.length);
  if (gallerySize > 0 && without.length > 0) {
    const names = without.map(({ name }) => name).join(', ');
    throw new UsageError(`createReport: ${names} kept no cases. Evaluate with keepCases, or set gallerySize to 0.`);
  }
  const threshold = thresholds[0]!;
  const joined = gallerySize > 0 ? joinCases(evaluations, { threshold, comparator }) : [];
  const pictured = imageIds ? joined.filter(({ imageId }) => imageIds.has(imageId)) : [];
  const cases = pictured.length > 0 ? pictured : joined;
  return {
    title: title ?? (evaluations.length === 1 ? evaluations[0]!.name : `${evaluations.length} evaluations`),
    note,
    threshold,
    comparator,
    entries: evaluations.map(({ name, evaluation }) => ({
      name,
      summary: summarizeEvaluation(evaluation, options),
      curve: computeAccuracyCurve(evaluation.table, comparator),
    })),
    comparisons: compareWithFirst(evaluations, { ...options, threshold, comparator }),
    sections,
    gallery: selectGallery(cases, gallerySize, options.seed),
    galleryFrom: cases.length,
    galleryWithout: joined.length - cases.length,
  };
}
