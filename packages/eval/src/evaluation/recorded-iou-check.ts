import { boxIou, type XyxyBox } from '@refclip/structures';
import { type Comparator, passes } from '../metrics/comparator.js';

/** Why a recorded IoU is not that of its boxes. */
export type RecordedReason = 'not clamped' | 'inclusive edges' | 'degenerate box' | 'unexplained';

/** A row whose recorded IoU passes the threshold and whose boxes do not, or the other way round. */
export interface VerdictChange {
  readonly key: string;
  readonly recorded: number;
  readonly computed: number;
  readonly reason: RecordedReason;
}

/** Recorded IoUs held against those of the boxes beside them. */
export interface RecordedSummary {
  readonly compared: number;
  /** Rows that differ by more than 1e-5. */
  readonly differing: number;
  readonly reasons: Readonly<Record<RecordedReason, number>>;
  readonly changes: readonly VerdictChange[];
}

const tolerance = 1e-5;
const close = (a: number, b: number) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

/** The usual formula without looking whether the boxes meet: two negative extents make a positive "intersection". */
function unclampedIou(a: XyxyBox, b: XyxyBox, edge: 0 | 1): number {
  const side = (low: number, high: number) => high - low + edge;
  const width = side(Math.max(a[0], b[0]), Math.min(a[2], b[2]));
  const height = side(Math.max(a[1], b[1]), Math.min(a[3], b[3]));
  const area = (box: XyxyBox) => side(box[0], box[2]) * side(box[1], box[3]);
  return (width * height) / (area(a) + area(b) - width * height);
}

function inclusiveIou(a: XyxyBox, b: XyxyBox): number {
  return boxIou([a[0], a[1], a[2] + 1, a[3] + 1], [b[0], b[1], b[2] + 1, b[3] + 1]);
}

const isDegenerate = (box: XyxyBox) => !(box[2] > box[0] && box[3] > box[1]);

/** Explains where and why a file's own IoUs are not those of its boxes. */
export class RecordedIouCheck {
  #compared = 0;
  #differing = 0;
  readonly #reasons: Record<RecordedReason, number> = {
    'not clamped': 0,
    'inclusive edges': 0,
    'degenerate box': 0,
    unexplained: 0,
  };
  readonly #changes: VerdictChange[] = [];

  constructor(
    readonly threshold: number,
    readonly comparator: Comparator,
  ) {}

  /** Adds a row. Boxes are xyxy in image pixels. */
  add(key: string, recorded: number, prediction: XyxyBox, truth: XyxyBox): void {
    this.#compared++;
    const computed = boxIou(prediction, truth);
    if (close(recorded, computed)) return;
    this.#differing++;
    const reason: RecordedReason =
      isDegenerate(prediction) || isDegenerate(truth)
        ? 'degenerate box'
        : close(recorded, unclampedIou(prediction, truth, 0)) || close(recorded, unclampedIou(prediction, truth, 1))
          ? computed === 0
            ? 'not clamped'
            : 'inclusive edges'
          : close(recorded, inclusiveIou(prediction, truth))
            ? 'inclusive edges'
            : 'unexplained';
    this.#reasons[reason]++;
    if (passes(recorded, this.threshold, this.comparator) !== passes(computed, this.threshold, this.comparator)) {
      this.#changes.push({ key, recorded, computed, reason });
    }
  }

  result(): RecordedSummary {
    const reasons = { ...this.#reasons };
    return { compared: this.#compared, differing: this.#differing, reasons, changes: [...this.#changes] };
  }
}
