import type { BoxFormat, FourNumbers } from '../boxes/box-format.js';

/** A COCO run-length mask: `size` = [height, width]; `counts` as numbers or COCO's compressed string, column-major. */
export interface RunLengthMask {
  readonly size: readonly [height: number, width: number];
  readonly counts: string | readonly number[];
}

/**
 * One line of a RefCLIP prediction file (JSON Lines): what a model answered to one expression.
 *
 * Boxes are in **image pixels**, in the format that `boxFormat` declares; writers of this project write `xyxy`.
 */
export interface PredictionRecord {
  /** Id of the expression: sentence id, or its place in the split counted from 0 over all records' expressions. */
  readonly id: string | number;
  /** Id of the ref, for annotations that are joined by it. */
  readonly refId?: string | number;
  /** Image id (COCO's number) or file name. */
  readonly imageId?: string | number;
  readonly split?: string;
  readonly expression?: string;
  /** The predicted box; `null` when the model answers "nothing there" or gave no box. */
  readonly box?: FourNumbers | null;
  /** Several predicted boxes instead of `box`: best first, or in the order of `scores`. */
  readonly boxes?: readonly FourNumbers[];
  /** One for each of `boxes`: the highest is the best. */
  readonly scores?: readonly number[];
  readonly boxFormat: BoxFormat;
  /** The model's own ranking score, any scale. */
  readonly score?: number;
  /** Probability in [0, 1] that the answer is right; what calibration is computed from. */
  readonly confidence?: number;
  /** The annotated box, when the file carries the truth. */
  readonly truth?: FourNumbers | null;
  /** Annotated boxes of an expression with none or many targets, instead of `truth`. */
  readonly truths?: readonly FourNumbers[];
  /** IoU as the model's own code computed it. */
  readonly iou?: number;
  readonly category?: string | number;
  /** Image size in pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Predicted and annotated mask. */
  readonly mask?: RunLengthMask;
  readonly truthMask?: RunLengthMask;
}
