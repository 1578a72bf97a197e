import { boxArea, boxIou, clipBox, type XyxyBox } from '@refclip/structures';
import type { ImageSize } from '../convert/box-convention.js';
import { isLabeled, type LabelEntry, type PseudoLabel } from './pseudo-label.js';

/** How boxes become training records. */
export interface SelectLabelsOptions {
  /** `expression`: a box for each expression; `ref`: a box for each record, the one its expressions agree on most. */
  readonly policy: 'expression' | 'ref';
  /** Boxes are cut at the image's edges first. Default false. */
  readonly clip?: boolean | undefined;
  /** Least similarity that is kept. */
  readonly minScore?: number | undefined;
  /** Of all labels, this fraction with the highest similarity is kept; in (0, 1]. */
  readonly topFraction?: number | undefined;
  /** Least agreement that is kept; in [0, 1]. The only expression of a record has none, and passes. */
  readonly minAgreement?: number | undefined;
}

/** A label that becomes a training record. */
export interface SelectedLabel extends PseudoLabel {
  readonly image: number | string;
  readonly size: ImageSize;
  /** Mean IoU with the boxes of the other expressions of the record, in [0, 1]; `null` for the only expression of its record: nobody can agree or disagree. */
  readonly agreement: number | null;
}

/** What became of all labels. */
export interface LabelSelection {
  /** In the order of records and expressions; with policy `ref` one of each record. */
  readonly kept: readonly SelectedLabel[];
  /** Everything that the options let through or not, in the same order. */
  readonly all: readonly SelectedLabel[];
  /** Labels without area: the teacher's box, clipped or not, is empty. They are kept. */
  readonly empty: number;
  /** Images that could not be read and the expressions that go without a label for it. */
  readonly broken: { readonly images: number; readonly expressions: number };
}

/**
 * Chooses among the labels of a file. A label is kept when it passes every limit that is set; without limits all are.
 *
 * With policy `ref` a record gets the box with the highest mean IoU to the boxes of its other expressions (their medoid), the first of equal ones; similarity and
 * the rest are that expression's.
 */
export async function selectLabels(
  entries: AsyncIterable<LabelEntry> | Iterable<LabelEntry>,
  { policy, clip = false, minScore, topFraction, minAgreement }: SelectLabelsOptions,
): Promise<LabelSelection> {
  const all: SelectedLabel[] = [];
  const broken = { images: 0, expressions: 0 };
  for await (const entry of entries) {
    if (!isLabeled(entry)) {
      broken.images++;
      broken.expressions += entry.expressions;
      continue;
    }
    const { image, width, height, labels } = entry;
    const size = { width, height };
    for (const group of groupByRecord(labels).values()) {
      const boxes = group.map(({ box }) => (clip ? clipBox(box, width, height) : box));
      const agreements = boxes.map((_, at) => agreementOf(boxes, at));
      const selected = group.map((label, at) => ({
        ...label,
        box: boxes[at] as XyxyBox,
        agreement: agreements[at] as number | null,
        image,
        size,
      }));
      if (policy === 'expression') all.push(...selected);
      else all.push(medoid(selected));
    }
  }
  all.sort((a, b) => a.record - b.record || a.expression - b.expression);
  const best = topFraction === undefined ? undefined : highest(all, Math.round(topFraction * all.length));
  const kept = all.filter(
    (label) =>
      (minScore === undefined || label.similarity >= minScore) &&
      (minAgreement === undefined || label.agreement === null || label.agreement >= minAgreement) &&
      (best === undefined || best.has(label)),
  );
  return { kept, all, empty: kept.filter(({ box }) => boxArea(box) === 0).length, broken };
}

function groupByRecord(labels: readonly PseudoLabel[]): ReadonlyMap<number, readonly PseudoLabel[]> {
  const groups = new Map<number, PseudoLabel[]>();
  for (const label of labels) {
    const group = groups.get(label.record);
    if (group) group.push(label);
    else groups.set(label.record, [label]);
  }
  return groups;
}

/** Of the labels of a record the one of highest agreement, the first of equal ones. */
function medoid(labels: readonly SelectedLabel[]): SelectedLabel {
  const agreements = labels.map(({ agreement }) => agreement ?? 0);
  return labels[agreements.indexOf(Math.max(...agreements))] as SelectedLabel;
}

/** Mean IoU of one box with the others; `null` when there are none. */
function agreementOf(boxes: readonly XyxyBox[], at: number): number | null {
  if (boxes.length === 1) return null;
  const box = boxes[at] as XyxyBox;
  const sum = boxes.reduce((total, other, index) => (index === at ? total : total + boxIou(box, other)), 0);
  return sum / (boxes.length - 1);
}

/** The labels of highest similarity, the earlier of equal ones. */
function highest(labels: readonly SelectedLabel[], count: number): ReadonlySet<SelectedLabel> {
  return new Set([...labels].sort((a, b) => b.similarity - a.similarity).slice(0, count));
}
