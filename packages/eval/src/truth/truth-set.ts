import type { XyxyBox } from '@refclip/structures';
import type { RunLengthMask } from '../predictions/prediction-record.js';

/** One annotated expression. Boxes are xyxy in image pixels, far edge exclusive. */
export interface TruthExpression {
  /** Id within its split: the sentence id of REFER, or the place in the split counted from 0 in the SimREC form. */
  readonly id: string;
  /** `split:record:expression`, see `predictionId` of `@refclip/records`. */
  readonly predictionId?: string | undefined;
  readonly sentenceId?: string | undefined;
  readonly refId?: string | undefined;
  /** Canonical, see `imageKey`. */
  readonly imageId: string;
  readonly split: string;
  readonly expression: string;
  readonly category?: string | undefined;
  /** Objects of the target's category in the image, the target included; unknown without instance annotations. */
  readonly sameCategory?: number | undefined;
  /** Targets; one in ordinary referring expression comprehension. */
  readonly boxes: readonly XyxyBox[];
  /** Nobody drew a box: the expression cannot be scored, and stands here so that ids count as they should. */
  readonly unannotated?: boolean | undefined;
  readonly mask?: RunLengthMask | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** Annotated expressions, in the order of their file. */
export interface TruthSet {
  readonly expressions: readonly TruthExpression[];
  /** Where they come from, for messages. */
  readonly file: string;
}
