import type { GalleryAnswer, GalleryCase, Verdict } from './gallery-case.js';

/** The orders that a gallery can be in. */
export const galleryOrders = {
  file: 'order of the file',
  worst: 'lowest IoU first',
  best: 'highest IoU first',
  sure: 'most confident first',
  unsure: 'least confident first',
} as const;

/** Name of an order. */
export type GalleryOrder = keyof typeof galleryOrders;

/** Which cases of a gallery are wanted. */
export interface GalleryFilter {
  /** Place of the file whose verdicts count. */
  readonly entry: number;
  /** Words that expression, image id or key must contain, whatever their case. */
  readonly text: string;
  /** None means all. */
  readonly verdicts: ReadonlySet<Verdict>;
  /** Only expressions that one file answers rightly and another does not. */
  readonly disagreeing: boolean;
  /** Empty means all. */
  readonly split: string;
  readonly category: string;
  readonly order: GalleryOrder;
}

const isRight = (answer: GalleryAnswer) => answer.verdict === 'right';

/** Whether some of the files that have the expression answer it rightly and some do not. */
export function isDisputed({ answers }: GalleryCase): boolean {
  const given = answers.filter((answer) => answer !== null);
  return given.some(isRight) && !given.every(isRight);
}

/** Sorting key; without a usable number a case comes last in every order. */
function keyOf(answer: GalleryAnswer | null | undefined, order: GalleryOrder): number {
  if (order === 'worst' || order === 'best') {
    const iou = answer?.iou ?? (order === 'worst' ? -1 : Number.NaN);
    return order === 'worst' ? iou : -iou;
  }
  const sure = answer?.confidence ?? answer?.score ?? Number.NaN;
  return order === 'sure' ? -sure : sure;
}

/** The cases that pass a filter, in its order. */
export function filterGallery(cases: readonly GalleryCase[], filter: GalleryFilter): readonly GalleryCase[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = cases.filter((item) => {
    const answer = item.answers[filter.entry];
    if (!answer) return false;
    if (filter.verdicts.size > 0 && !filter.verdicts.has(answer.verdict)) return false;
    if (filter.disagreeing && !isDisputed(item)) return false;
    if (filter.split !== '' && item.split !== filter.split) return false;
    if (filter.category !== '' && item.category !== filter.category) return false;
    const text = `${item.expression ?? ''} ${item.imageId} ${item.key}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (filter.order === 'file') return wanted;
  const keyed = wanted.map((item, i) => ({ item, i, key: keyOf(item.answers[filter.entry], filter.order) }));
  keyed.sort((a, b) => {
    const [lastA, lastB] = [Number.isNaN(a.key), Number.isNaN(b.key)];
    if (lastA || lastB) return Number(lastA) - Number(lastB) || a.i - b.i;
    return a.key - b.key || a.i - b.i;
  });
  return keyed.map(({ item }) => item);
}
