import type { Dataset } from '@refclip/app-shared';
import { drawBoxesPng } from '@refclip/images';
import type { XyxyBox } from '@refclip/structures';
import type { SplitEvaluation } from '../evaluation/evaluate-split.js';
import type { EventImage } from './encode-event.js';

const shown = 4;

/** Some answers of a split, always of the same expressions: the answer in orange, the annotated box, where there is one, in white. */
export async function predictionImages(
  { split, predictions }: SplitEvaluation,
  { evaluation }: Dataset,
): Promise<Readonly<Record<string, EventImage>>> {
  const items = evaluation.get(split) ?? [];
  const count = Math.min(shown, items.length);
  const images = Array.from({ length: count }, async (_, index): Promise<[string, EventImage] | undefined> => {
    const at = Math.floor((index * items.length) / count);
    const [item, prediction] = [items[at], predictions[at]];
    if (!item || !prediction?.box?.every(Number.isFinite)) return undefined;
    const boxes = [
      ...(item.truth ? [{ box: item.truth, label: '', color: '#ffffff' }] : []),
      { box: prediction.box as XyxyBox, label: item.expression, color: '#e69f00' },
    ];
    return [`${split}/${item.id}`, await drawBoxesPng(item.file, boxes)];
  });
  return Object.fromEntries((await Promise.all(images)).filter((image) => image !== undefined));
}
