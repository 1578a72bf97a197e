import type { LabelHeader, LabelSelection, ReferringRecord, SelectedLabel } from '@refclip/data';
import { accuracyAtIou } from '@refclip/eval';
import { boxArea, boxIou, xywhToXyxy } from '@refclip/structures';

const quantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] as const;

/** Values of some labels at 0, 5, 25, 50, 75, 95 and 100 %. */
export type Distribution = Readonly<Record<'min' | 'p5' | 'p25' | 'median' | 'p75' | 'p95' | 'max', number>>;

/** What a set of labels is like. */
export interface LabelSummary {
  readonly total: number;
  readonly kept: number;
  /** Kept labels without area. */
  readonly empty: number;
  readonly broken: { readonly images: number; readonly expressions: number };
  /** Of the kept labels. `area` is the box's part of its image; `agreement` of those of records with several expressions, `null` when there are none. */
  readonly distributions: Readonly<Record<'similarity' | 'margin' | 'objectness' | 'rank' | 'area', Distribution>> & {
    readonly agreement: Distribution | null;
  };
  /** Percent of labels with IoU > 0.5 to the annotated boxes, where there are any: for information, made after the labels were chosen. */
  readonly accuracy: { readonly all: number; readonly kept: number; readonly count: number } | null;
}

/** Describes labels; boxes of people enter the accuracy alone. @param records  of the labelled split, as annotated. */
export function summarizeLabels(selection: LabelSelection, records: readonly ReferringRecord[]): LabelSummary {
  const { kept, all, empty, broken } = selection;
  const of = (value: (label: SelectedLabel) => number) => distribution(kept.map(value));
  const scored = (labels: readonly SelectedLabel[]) =>
    labels.flatMap(({ record, box }) => {
      const truth = records[record]?.box;
      return truth ? [boxIou(box, xywhToXyxy(truth))] : [];
    });
  const ious = scored(all);
  const agreements = kept.flatMap(({ agreement }) => (agreement === null ? [] : [agreement]));
  return {
    total: all.length,
    kept: kept.length,
    empty,
    broken,
    distributions: {
      similarity: of(({ similarity }) => similarity),
      margin: of(({ margin }) => margin),
      objectness: of(({ objectness }) => objectness),
      rank: of(({ rank }) => rank),
      agreement: agreements.length ? distribution(agreements) : null,
      area: of(({ box, size }) => boxArea(box) / (size.width * size.height)),
    },
    accuracy: ious.length ? { all: accuracyAtIou(ious), kept: accuracyAtIou(scored(kept)), count: ious.length } : null,
  };
}

/** What a header says in a line or two, for people. */
export function describeHeader({ weights, data, model }: LabelHeader): string {
  return (
    `${data.expressions} expressions of ${data.records} records and ${data.images} images, split ${data.split} of ${data.file}\n` +
    `weights ${weights.file} (sha256 ${weights.sha256.slice(0, 12)}…), input ${model.inputSize} px, width ${model.width}`
  );
}

function distribution(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, p5, p25, median, p75, p95, max] = quantiles.map((quantile) => {
    const value = sorted[Math.round(quantile * (sorted.length - 1))] ?? 0;
    return Number(value.toPrecision(6));
  }) as [number, number, number, number, number, number, number];
  return { min, p5, p25, median, p75, p95, max };
}
