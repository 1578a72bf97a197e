import type { Comparison } from '../evaluation/compare-evaluations.js';
import type { EvaluationSummary } from '../evaluation/summarize-evaluation.js';
import type { Comparator } from '../metrics/comparator.js';
import type { AccuracyCurve } from './compute-accuracy-curve.js';
import type { GalleryCase } from './gallery-case.js';
import type { LineChart } from './line-chart.js';

/** A table for people. The first column is text, the others are right-aligned. */
export interface ReportTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A part of the page that its writer brings along, e.g. a training curve or baselines. */
export interface ReportSection {
  readonly title: string;
  /** A paragraph of plain text. */
  readonly text?: string | undefined;
  readonly table?: ReportTable | undefined;
  readonly chart?: LineChart | undefined;
}

/** One evaluated file: a model, a split, a seed. */
export interface ReportEntry {
  readonly name: string;
  readonly summary: EvaluationSummary;
  readonly curve: AccuracyCurve;
}

/** Two entries on the same expressions, by their places. */
export interface ReportComparison {
  readonly first: number;
  readonly second: number;
  readonly comparison: Comparison;
}

/** Everything a report page shows, as plain data. Accuracies are percent. */
export interface ReportContent {
  readonly title: string;
  /** A line below the title, e.g. which data and when. */
  readonly note?: string | undefined;
  /** Of the headline, the breakdowns and every verdict. */
  readonly threshold: number;
  readonly comparator: Comparator;
  readonly entries: readonly ReportEntry[];
  readonly comparisons: readonly ReportComparison[];
  readonly sections: readonly ReportSection[];
  readonly gallery: readonly GalleryCase[];
  /** Expressions that the gallery is drawn from. */
  readonly galleryFrom: number;
  /** Expressions that are not among these because their images are not at hand. */
  readonly galleryWithout: number;
}
