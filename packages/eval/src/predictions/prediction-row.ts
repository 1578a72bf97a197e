import type { XyxyBox } from '@refclip/structures';
import type { RunLengthMask } from './prediction-record.js';

/**
 * One answer of a model, read from any format. Boxes are xyxy in image pixels, far edge exclusive; a coordinate that is not a number is NaN.
 */
export interface PredictionRow {
  /** Where the row stands: line number (from 1) or record name, for messages. */
  readonly at: string;
  /** Id of the expression. */
  readonly id?: string;
  /** Id of the ref, whose every expression the box answers. */
  readonly refId?: string;
  /** Canonical image id, see `imageKey`. */
  readonly imageId?: string;
  readonly split?: string;
  readonly expression?: string;
  readonly category?: string;
  /** Best first; empty when the model gave no box. */
  readonly boxes: readonly XyxyBox[];
  /** Score of the first box on the model's own scale. */
  readonly score?: number;
  /** Probability in [0, 1] that the first box is right. */
  readonly confidence?: number;
  /** Annotated boxes when the file carries them. */
  readonly truths?: readonly XyxyBox[];
  /** IoU that the file records. */
  readonly recordedIou?: number;
  /** Image size in pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly mask?: RunLengthMask;
  readonly truthMask?: RunLengthMask;
}
