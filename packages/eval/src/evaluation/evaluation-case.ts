import type { XyxyBox } from '@refclip/structures';
import type { CaseStatus } from './case-status.js';

/** One expression with its truth and its prediction. Boxes are xyxy in image pixels. */
export interface EvaluationCase {
  /** Names the expression: split and id. */
  readonly key: string;
  readonly status: CaseStatus;
  readonly imageId: string;
  readonly split?: string | undefined;
  readonly expression?: string | undefined;
  readonly category?: string | undefined;
  readonly sameCategory?: number | undefined;
  readonly truths: readonly XyxyBox[];
  /** Best first. */
  readonly boxes: readonly XyxyBox[];
  /** The IoU that accuracies are counted from. NaN where there is none. */
  readonly iou: number;
  readonly score?: number | undefined;
  readonly confidence?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}
