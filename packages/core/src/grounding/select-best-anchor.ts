import { type CxcywhBox, cxcywhToXyxy, type XyxyBox } from '@refclip/structures';

/** The kept anchors of one image: embeddings `[K, D]` and boxes `[K, A, 5]` (cx, cy, w, h in network-input pixels, objectness). */
export interface EmbeddedImage {
  readonly anchors: Float32Array;
  readonly boxes: Float32Array;
  /** Anchors kept (K) and boxes of each (A). */
  readonly count: number;
  readonly boxesPerAnchor: number;
}

/** The answer to one expression. */
export interface AnchorMatch {
  /** Which kept anchor, in grid order. */
  readonly anchor: number;
  /** Its box of highest objectness, network-input pixels. */
  readonly box: XyxyBox;
  /** Similarity to the expression: a dot product, on no fixed scale. */
  readonly score: number;
  /** Lead over the second-best kept anchor, in the score's unit. */
  readonly margin: number;
  /** The anchor's share of a softmax over the kept anchors' similarities, in [0, 1]. */
  readonly confidence: number;
  /** Objectness of the box, in [0, 1]. */
  readonly objectness: number;
}

/** The box of an anchor that RefCLIP answers with: the one of highest objectness. Network-input pixels. */
export function bestBoxOfAnchor(
  { boxes, boxesPerAnchor }: EmbeddedImage,
  anchor: number,
): { readonly box: XyxyBox; readonly objectness: number } {
  const objectnessAt = (index: number) => boxes[(anchor * boxesPerAnchor + index) * 5 + 4] as number;
  let best = 0;
  for (let index = 1; index < boxesPerAnchor; index++) if (objectnessAt(index) > objectnessAt(best)) best = index;
  const at = (anchor * boxesPerAnchor + best) * 5;
  return {
    box: cxcywhToXyxy(Array.from(boxes.subarray(at, at + 4)) as unknown as CxcywhBox),
    objectness: objectnessAt(best),
  };
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
