import type { ReferConversion } from './convert-refer.js';
import { publishedCounts } from './published-counts.js';

/** A number found beside the published one. */
export interface CountComparison {
  /** `refs`, `images`, `expressions`, or `expressions in <split>`. */
  readonly what: string;
  readonly found: number;
  /** Undefined where nobody published the number. */
  readonly published: number | undefined;
}

/** The sizes of a converted REFER data set beside those its makers published. */
export function compareCounts(conversion: ReferConversion, dataset: string, splitBy: string): CountComparison[] {
  const published = publishedCounts[`${dataset}/${splitBy}`];
  const { totals, splits } = conversion;
  return [
    { what: 'images', found: totals.images, published: published?.total.images },
    { what: 'refs', found: totals.refs, published: published?.total.refs },
    { what: 'expressions', found: totals.expressions, published: published?.total.expressions },
    ...[...splits].map(([split, records]) => ({
      what: `expressions in ${split}`,
      found: records.reduce((sum, { expressions }) => sum + expressions.length, 0),
      published: published?.splits[split],
    })),
  ];
}
