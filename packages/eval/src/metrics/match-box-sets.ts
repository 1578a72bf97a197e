import { boxIou, type XyxyBox } from '@refclip/structures';

/** How well a set of predicted boxes answers a set of annotated ones. */
export interface BoxSetMatch {
  /** IoUs of the matched pairs, largest first. */
  readonly ious: readonly number[];
  readonly predictions: number;
  readonly truths: number;
  /**
   * The IoU up to which the answer is perfect: the smallest matched IoU when both sets have the same size, 0 when they do
   * not, 1 when both are empty. So F1 = 1 at a threshold exactly when this IoU reaches it, and for one box each it is their IoU.
   */
  readonly setIou: number;
}

/**
 * Matches predicted and annotated boxes one to one: the pair of the largest IoU first, then the next among the rest.
 *
 * @param predictions  xyxy in image pixels. NaN matches nothing.
 * @param truths  same frame.
 * @see He et al. 2023, GREC: Generalized Referring Expression Comprehension, https://arxiv.org/abs/2308.16182, section 4. The
 *   authors' code ranks pairs by generalized IoU; this one by IoU, as the paper words it.
 */
export function matchBoxSets(predictions: readonly XyxyBox[], truths: readonly XyxyBox[]): BoxSetMatch {
  const pairs = predictions
    .flatMap((prediction, p) => truths.map((truth, t) => ({ p, t, iou: boxIou(prediction, truth) })))
    .filter((pair) => pair.iou > 0)
    .sort((a, b) => b.iou - a.iou || a.p - b.p || a.t - b.t);
  const [usedPredictions, usedTruths] = [new Set<number>(), new Set<number>()];
  const ious: number[] = [];
  for (const { p, t, iou } of pairs) {
    if (usedPredictions.has(p) || usedTruths.has(t)) continue;
    usedPredictions.add(p);
    usedTruths.add(t);
    ious.push(iou);
  }
  const perfect = predictions.length === truths.length && ious.length === truths.length;
  return {
    ious,
    predictions: predictions.length,
    truths: truths.length,
    setIou: perfect ? (ious.at(-1) ?? 1) : 0,
  };
}
