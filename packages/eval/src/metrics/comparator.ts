/**
 * How an IoU is held against a threshold. RefCLIP and SimREC count `iou > threshold`; TransVG and mmdetection count `iou >= threshold`.
 */
export type Comparator = '>' | '>=';

/** Whether an IoU passes. NaN never does. */
export function passes(iou: number, threshold: number, comparator: Comparator): boolean {
  return comparator === '>' ? iou > threshold : iou >= threshold;
}
