import type { EvaluationItem } from '@refclip/app-shared';
import {
  bestBoxOfAnchor,
  type DetectorCache,
  type EmbeddedImage,
  type Grounder,
  selectBestAnchor,
} from '@refclip/core';
import { accuracyAtIou, type PredictionRecord } from '@refclip/eval';
import { boxIou, type Letterbox, letterboxToImage, type XyxyBox } from '@refclip/structures';
import type { Vocabulary } from '@refclip/text';

/** What guessing, confidence and an oracle reach on the same kept anchors; percent of expressions with IoU > 0.5. */
export interface Baselines {
  /** Expected accuracy of a kept anchor drawn at random. */
  readonly randomAnchor: number;
  /** The kept anchor of the highest objectness, whatever the expression. */
  readonly mostConfident: number;
  /** The kept anchor that overlaps the truth most: nothing can be better. */
  readonly bestAnchor: number;
}

/** The result of one split. */
export interface SplitEvaluation {
  readonly split: string;
  /** Percent of expressions with IoU > 0.5 (strict). */
  readonly accuracy: number;
  readonly count: number;
  readonly baselines: Baselines;
  readonly predictions: readonly PredictionRecord[];
}

/** What {@link evaluateSplit} needs. */
export interface EvaluateSplitOptions {
  readonly grounder: Grounder;
  readonly cache: DetectorCache;
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  /** Images per run of the model. */
  readonly batch: number;
  readonly onProgress?: (done: number) => void;
}

/** Predicts a box for every expression of a split from cached detector outputs and scores it with `@refclip/eval`. */
export async function evaluateSplit(
  split: string,
  items: readonly EvaluationItem[],
  options: EvaluateSplitOptions,
): Promise<SplitEvaluation> {
  const { grounder, cache, vocabulary, maxTokens, batch, onProgress } = options;
  const texts = await grounder.embedTexts(
    vocabulary.encode(
      items.map(({ expression }) => expression),
      maxTokens,
    ),
  );
  const byImage = groupKeys(items);
  const groups = [...byImage.values()];
  const ious = new Float64Array(items.length);
  const confident = new Float64Array(items.length);
  const best = new Float64Array(items.length);
  let hits = 0;
  const predictions = new Array<PredictionRecord>(items.length);
  for (let start = 0; start < groups.length; start += batch) {
    const chunk = groups.slice(start, start + batch);
    const cached = await Promise.all(
      chunk.map((group) => cache.read((items[group[0] as number] as EvaluationItem).key)),
    );
    const images = await grounder.embedImages(cached.map(({ outputs }) => outputs));
    chunk.forEach((group, g) => {
      const [image, letterbox] = [images[g] as EmbeddedImage, (cached[g] as { letterbox: Letterbox }).letterbox];
      const anchors = Array.from({ length: image.count }, (_, anchor) => {
        const { box, objectness } = bestBoxOfAnchor(image, anchor);
        return { box: letterboxToImage(box, letterbox), objectness };
      });
      const sure = anchors.reduce((top, anchor) => (anchor.objectness > top.objectness ? anchor : top));
      for (const at of group) {
        const item = items[at] as EvaluationItem;
        const match = selectBestAnchor(image, texts[at] as Float32Array);
        const box = letterboxToImage(match.box, letterbox);
        ious[at] = boxIou(box, item.truth);
        const overlaps = anchors.map((anchor) => boxIou(anchor.box, item.truth));
        confident[at] = boxIou(sure.box, item.truth);
        best[at] = Math.max(...overlaps);
        hits += overlaps.filter((iou) => iou > 0.5).length / overlaps.length;
        predictions[at] = prediction(item, split, box, match, letterbox);
      }
    });
    onProgress?.(chunk.reduce((sum, group) => sum + group.length, 0));
  }
  return {
    split,
    accuracy: accuracyAtIou(ious),
    count: items.length,
    baselines: {
      randomAnchor: (100 * hits) / items.length,
      mostConfident: accuracyAtIou(confident),
      bestAnchor: accuracyAtIou(best),
    },
    predictions,
  };
}

function prediction(
  item: EvaluationItem,
  split: string,
  box: XyxyBox,
  { score, confidence }: { readonly score: number; readonly confidence: number },
  { imageWidth, imageHeight }: Letterbox,
): PredictionRecord {
  const { id, image, expression, truth } = item;
  return {
    id,
    imageId: image,
    split,
    expression,
    box,
    boxFormat: 'xyxy',
    score,
    confidence,
    truth,
    width: imageWidth,
    height: imageHeight,
  };
}

function groupKeys(items: readonly EvaluationItem[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  items.forEach(({ key }, at) => {
    const group = groups.get(key);
    if (group) group.push(at);
    else groups.set(key, [at]);
  });
  return groups;
}
