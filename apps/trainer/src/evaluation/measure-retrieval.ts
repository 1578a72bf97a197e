import type { EvaluationItem } from '@refclip/app-shared';
import type { Locator } from '@refclip/referring';
import type { NamedHostTensors } from '@refclip/runtime';

/** So many pictures are asked, and at most so many expressions ask them. */
const [poolSize, mostQuestions] = [32, 512];

/** Indices spread evenly over `0 … length - 1`, at most `most`. */
function spread(length: number, most: number): readonly number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, index) => Math.floor((index * length) / count));
}

/** Collects what {@link Retrieval.measure} needs while a split is evaluated. */
export interface Retrieval {
  /** Whether the picture of this place in the order of pictures is one of those asked. */
  readonly isAsked: (place: number) => boolean;
  /** @param encoded  of such a picture. */
  add(key: string, encoded: NamedHostTensors): void;
  /**
   * Percent of expressions that match their own picture better than every other one of the pool.
   *
   * @param scores  `[items]`, of each expression on its own picture.
   * @param tokens  encodes expressions.
   * @returns `null` with fewer than two pictures.
   */
  measure(
    items: readonly EvaluationItem[],
    scores: readonly number[],
    tokens: (expressions: readonly string[]) => Int32Array,
  ): Promise<number | null>;
}

/**
 * How often an expression finds its own picture among up to 32 by the model's score: what the contrastive training learns, on pictures it did not see. No box is
 * looked at. Pictures and expressions (at most 512) are spread evenly over the split, so they are the same in every epoch.
 *
 * @param pictures  of the split.
 */
export function createRetrieval(locator: Locator, pictures: number): Retrieval {
  const asked = new Set(spread(pictures, poolSize));
  const pool: { readonly key: string; readonly encoded: NamedHostTensors }[] = [];
  return {
    isAsked: (place) => asked.has(place),
    add(key, encoded) {
      pool.push({ key, encoded });
    },
    async measure(items, scores, tokens) {
      if (pool.length < 2) return null;
      const questions = spread(items.length, mostQuestions).map((at) => items[at] as EvaluationItem);
      const own = spread(items.length, mostQuestions).map((at) => scores[at] as number);
      const isBest = own.map(() => true);
      for (const { key, encoded } of pool) {
        const rows = questions.flatMap((item, row) => (item.key !== key && isBest[row] ? [row] : []));
        if (!rows.length) continue;
        const answers = await locator.locate(
          rows.map(() => encoded),
          tokens(rows.map((row) => (questions[row] as EvaluationItem).expression)),
        );
        rows.forEach((row, at) => {
          // Written so that a score that is no number is no hit.
          if (!((own[row] as number) > (answers[at]?.score ?? Number.NaN))) isBest[row] = false;
        });
      }
      return (100 * isBest.filter(Boolean).length) / questions.length;
    },
  };
}
