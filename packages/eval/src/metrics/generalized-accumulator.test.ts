import { boxIou, type XyxyBox } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { GeneralizedAccumulator } from './generalized-accumulator.js';
import { matchBoxSets } from './match-box-sets.js';

const square = (x: number, side = 10): XyxyBox => [x, 0, x + side, side];

/** 0–3 truths and 0–3 predictions, many of them near a truth. */
function randomCase(seed: number): { predictions: XyxyBox[]; truths: XyxyBox[] } {
  const u = mulberry32(seed, 40);
  const box = (i: number): XyxyBox => [u[i]! * 20, u[i + 1]! * 20, u[i]! * 20 + 5 + u[i + 2]! * 10, u[i + 1]! * 20 + 8];
  const truths = Array.from({ length: Math.floor(u[0]! * 4) }, (_, t) => box(4 * t + 1));
  const predictions = Array.from({ length: Math.floor(u[1]! * 4) }, (_, p): XyxyBox => {
    const near = truths[p];
    return near && u[30 + p]! < 0.7 ? [near[0] + u[33 + p]!, near[1], near[2] + 1, near[3]] : box(16 + 4 * p);
  });
  return { predictions, truths };
}

/** The slow obvious reference of the paper's F1: take the best remaining pair until none passes. */
function referenceF1(predictions: readonly XyxyBox[], truths: readonly XyxyBox[], threshold: number): number {
  if (truths.length === 0) return predictions.length === 0 ? 1 : 0;
  let [leftP, leftT, found] = [[...predictions], [...truths], 0];
  for (;;) {
    let best: { p: XyxyBox; t: XyxyBox; iou: number } | undefined;
    for (const p of leftP) {
      for (const t of leftT) {
        const iou = boxIou(p, t);
        if (iou >= threshold && (!best || iou > best.iou)) best = { p, t, iou };
      }
    }
    if (!best) break;
    found++;
    leftP = leftP.filter((p) => p !== best.p);
    leftT = leftT.filter((t) => t !== best.t);
  }
  return (2 * found) / (predictions.length + truths.length);
}

const cases = Array.from({ length: 400 }, (_, seed) => randomCase(seed));

describe('GeneralizedAccumulator', () => {
  it('equals the obvious F1 of every expression', () => {
    const accumulator = new GeneralizedAccumulator();
    const f1 = cases.map(({ predictions, truths }) => accumulator.add(matchBoxSets(predictions, truths)));
    const expected = cases.map(({ predictions, truths }) => referenceF1(predictions, truths, 0.5));
    expect(f1).toEqual(expected);
    const share = (all: typeof cases, right: (c: (typeof cases)[number]) => boolean) =>
      (100 * all.filter(right).length) / all.length;
    const result = accumulator.result();
    expect(result.count).toBe(400);
    expect(result.perfect).toBe((100 * expected.filter((f) => f === 1).length) / 400);
    expect(result.meanF1).toBeCloseTo((100 * expected.reduce((a, b) => a + b)) / 400, 11);
    expect(result.noTargetAccuracy).toBe(
      share(
        cases.filter((c) => c.truths.length === 0),
        (c) => c.predictions.length === 0,
      ),
    );
    expect(result.targetAccuracy).toBe(
      share(
        cases.filter((c) => c.truths.length > 0),
        (c) => c.predictions.length > 0,
      ),
    );
    expect(result.perfect).toBeGreaterThan(10);
    expect(result.perfect).toBeLessThan(60);
  });
  it('merges shards to exactly one pass', () => {
    const [whole, even, odd] = [0, 1, 2].map(() => new GeneralizedAccumulator());
    cases.forEach(({ predictions, truths }, i) => {
      whole!.add(matchBoxSets(predictions, truths));
      (i % 2 ? odd! : even!).add(matchBoxSets(predictions, truths));
    });
    odd!.merge(even!);
    expect(odd!.result()).toStrictEqual(whole!.result());
  });
  it('has nothing to say of no expressions', () => {
    expect(new GeneralizedAccumulator().result().perfect).toBeNaN();
  });
});

describe('matchBoxSets', () => {
  it('lets one truth take only its best prediction', () => {
    const match = matchBoxSets([square(1), square(0)], [square(0)]);
    expect(match).toEqual({ ious: [1], predictions: 2, truths: 1, setIou: 0 });
  });
  it('has a set IoU that passes exactly when F1 is 1', () => {
    for (const { predictions, truths } of cases) {
      for (const threshold of [0.1, 0.5, 0.8]) {
        const perfect = referenceF1(predictions, truths, threshold) === 1;
        expect(matchBoxSets(predictions, truths).setIou >= threshold).toBe(perfect);
      }
    }
  });
  it('is the IoU for one box each, 1 for nothing and nothing', () => {
    expect(matchBoxSets([square(1)], [square(0)]).setIou).toBe(boxIou(square(1), square(0)));
    expect(matchBoxSets([], []).setIou).toBe(1);
    expect(matchBoxSets([[Number.NaN, 0, 1, 1]], [square(0)]).setIou).toBe(0);
  });
});
