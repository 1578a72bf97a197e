import type { FourNumbers } from '../boxes/box-format.js';
import type { CaseStatus } from '../evaluation/case-status.js';

/**
 * How good an answer is: `right` passes the threshold · `near` is a near miss, at least half of the threshold · `wrong` is any other
 * box · `none` is no usable answer (missing, repeated, no box, …).
 */
export type Verdict = 'right' | 'near' | 'wrong' | 'none';

/** All verdicts, the best first. */
export const verdicts = ['right', 'near', 'wrong', 'none'] as const satisfies readonly Verdict[];

/** What one of the evaluated files answers to an expression. */
export interface GalleryAnswer {
  readonly verdict: Verdict;
  readonly status: CaseStatus;
  /** In [0, 1]; null without usable answer. */
  readonly iou: number | null;
  /** xyxy in image pixels. */
  readonly boxes: readonly FourNumbers[];
  readonly confidence?: number | undefined;
  readonly score?: number | undefined;
}

/** One expression of the gallery. Plain data: it travels inside the page as JSON. */
export interface GalleryCase {
  /** Names the expression: split and id. */
  readonly key: string;
  readonly imageId: string;
  readonly expression?: string | undefined;
  readonly split?: string | undefined;
  readonly category?: string | undefined;
  /** Image size in pixels, where it is known. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** xyxy in image pixels. */
  readonly truths: readonly FourNumbers[];
  /** One per evaluated file, in their order; null where the file does not have this expression. */
  readonly answers: readonly (GalleryAnswer | null)[];
}

/** Where the picture of a case comes from. */
export interface ReportImage {
  /** `data:` address of a thumbnail, or a relative or absolute address. */
  readonly source: string;
  /** Size of the whole image in pixels, the frame of the boxes; the loaded picture's own size where it is not given. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}
