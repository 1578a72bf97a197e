import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { cxcywhToXyxy, type XyxyBox } from '@refclip/structures';

/** The kept anchors of one image: embeddings `[K, D]` and boxes `[K, A, 6]` (cx, cy, w, h in network-input pixels, objectness, category). */
export interface EmbeddedImage {
  readonly anchors: Float32Array;
  readonly boxes: Float32Array;
  /** Anchors kept (K) and boxes of each (A). */
  readonly count: number;
  readonly boxesPerAnchor: number;
}

/** What a model's `encodeImages` made of one image, read as anchors. @param encoded `anchors` `[K, D]`, `boxes` `[K, A, 6]`. */
export function embeddedImage(encoded: NamedHostTensors): EmbeddedImage {
  const { anchors, boxes } = encoded as Record<'anchors' | 'boxes', HostTensor>;
  return {
    anchors: anchors.data as Float32Array,
    boxes: boxes.data as Float32Array,
    count: boxes.shape[0] as number,
    boxesPerAnchor: boxes.shape[1] as number,
  };
}

const boxNumbers = 6;

/** The box of an anchor that RefCLIP answers with: the one of highest objectness. */
export interface AnchorBox {
  /** Network-input pixels. */
  readonly box: XyxyBox;
  /** In [0, 1]. */
  readonly objectness: number;
  /** The detector's category of the highest score, from 0. */
  readonly category: number;
}

/** The answer to one expression: an anchor and its box of highest objectness. */
export interface AnchorMatch extends AnchorBox {
  /** Which kept anchor, in grid order. */
  readonly anchor: number;
  /** Similarity to the expression: a dot product, on no fixed scale. */
  readonly score: number;
  /** Lead over the second-best kept anchor, in the score's unit. */
  readonly margin: number;
  /** The anchor's share of a softmax over the kept anchors' similarities, in [0, 1]. */
  readonly confidence: number;
}

/** The box of a kept anchor, the first of equal objectness. */
export function bestBoxOfAnchor({ boxes, boxesPerAnchor }: EmbeddedImage, anchor: number): AnchorBox {
  const objectnessAt = (index: number) => boxes[(anchor * boxesPerAnchor + index) * boxNumbers + 4] as number;
  let best = 0;
  for (let index = 1; index < boxesPerAnchor; index++) if (objectnessAt(index) > objectnessAt(best)) best = index;
  const at = (offset: number) => boxes[(anchor * boxesPerAnchor + best) * boxNumbers + offset] as number;
  return { box: cxcywhToXyxy([at(0), at(1), at(2), at(3)]), objectness: at(4), category: Math.round(at(5)) };
}

/** Similarities of an expression to the kept anchors of an image: plain dot products. @param text `[D]`. @returns `[K]`. */
export function anchorSimilarities(image: EmbeddedImage, text: Float32Array): Float32Array {
  const similarities = new Float32Array(image.count);
  for (let anchor = 0; anchor < image.count; anchor++) {
    let sum = 0;
    for (let d = 0; d < text.length; d++)
      sum += (image.anchors[anchor * text.length + d] as number) * (text[d] as number);
    similarities[anchor] = sum;
  }
  return similarities;
}

/**
 * The kept anchor that an expression means, the first of equal ones.
 *
 * @see Jin et al. 2023, RefCLIP, inference
 */
export function selectBestAnchor(image: EmbeddedImage, text: Float32Array): AnchorMatch {
  const similarities = anchorSimilarities(image, text);
  let anchor = 0;
  for (let other = 1; other < image.count; other++) {
    if ((similarities[other] as number) > (similarities[anchor] as number)) anchor = other;
  }
  const score = similarities[anchor] as number;
  const others = similarities.filter((_, index) => index !== anchor);
  const shares = similarities.reduce((sum, value) => sum + Math.exp(value - score), 0);
  return {
    anchor,
    ...bestBoxOfAnchor(image, anchor),
    score,
    margin: others.length ? score - Math.max(...others) : 0,
    confidence: 1 / shares,
  };
}
