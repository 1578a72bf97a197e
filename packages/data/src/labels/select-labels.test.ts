import { boxIou, type XyxyBox } from '@refclip/structures';
import { uniform } from '@refclip/testing';
import { expect, it } from 'vitest';
import type { LabelEntry, PseudoLabel } from './pseudo-label.js';
import { selectLabels } from './select-labels.js';

function label(record: number, expression: number, box: XyxyBox, similarity = 0): PseudoLabel {
  return {
    record,
    expression,
    text: `${record} ${expression}`,
    box,
    similarity,
    margin: 1,
    objectness: 1,
    rank: 1,
    category: 0,
  };
}

function image(labels: readonly PseudoLabel[], name: number | string = 1): LabelEntry {
  return { image: name, file: `${name}.jpg`, width: 100, height: 100, detections: [], labels };
}

const texts = (labels: readonly PseudoLabel[]) => labels.map(({ text }) => text);

it('a ref gets the box its expressions agree on, by hand', async () => {
  const entries = [
    image([
      label(0, 0, [50, 50, 60, 60]),
      label(0, 1, [0, 0, 10, 10]),
      label(0, 2, [0, 0, 10, 5]),
      label(1, 0, [1, 1, 2, 2]),
    ]),
  ];
  const { kept } = await selectLabels(entries, { policy: 'ref' });
  // Mean IoU with the others: 0, 0.25, 0.25; of equal ones the first.
  expect(texts(kept)).toEqual(['0 1', '1 0']);
  expect(kept.map(({ agreement }) => agreement)).toEqual([0.25, null]);
});

it('the medoid equals a search over all pairs', async () => {
  const lots = uniform('medoid', 40 * 5 * 4, 0, 1);
  const records = Array.from({ length: 40 }, (_, record) =>
    Array.from({ length: 5 }, (_, expression) => {
      const [x, y, w, h] = [0, 1, 2, 3].map((k) => 60 * (lots[(record * 5 + expression) * 4 + k] as number));
      return label(record, expression, [
        x as number,
        y as number,
        (x as number) + (w as number),
        (y as number) + (h as number),
      ]);
    }),
  );
  const { kept } = await selectLabels([image(records.flat())], { policy: 'ref' });
  for (const [record, labels] of records.entries()) {
    let [best, at] = [-1, -1];
    for (const [a, one] of labels.entries()) {
      let sum = 0;
      for (const [b, other] of labels.entries()) if (a !== b) sum += boxIou(one.box, other.box);
      if (sum / 4 > best) [best, at] = [sum / 4, a];
    }
    expect(kept[record]).toMatchObject({ record, expression: at });
    expect(kept[record]?.agreement).toBeCloseTo(best, 12);
  }
});

it('keeps everything by default, in the order of the records, and counts what has no label', async () => {
  const entries = [
    image([label(2, 0, [0, 0, 9, 9]), label(0, 1, [0, 0, 9, 9]), label(0, 0, [0, 0, 9, 9])]),
    { image: 7, broken: 'is not there', expressions: 4 },
    image([label(1, 0, [-5, 95, 5, 120])], 2),
  ];
  const { kept, all, broken, empty } = await selectLabels(entries, { policy: 'expression' });
  expect(texts(kept)).toEqual(['0 0', '0 1', '1 0', '2 0']);
  expect([all.length, broken, empty]).toEqual([4, { images: 1, expressions: 4 }, 0]);
  expect(kept[2]?.box).toEqual([-5, 95, 5, 120]);
});

it('clips before it compares, and counts boxes that vanish', async () => {
  const entries = [image([label(0, 0, [-10, 0, 10, 10]), label(0, 1, [0, 0, 10, 10]), label(1, 0, [-9, -9, -1, -1])])];
  const { kept, empty } = await selectLabels(entries, { policy: 'expression', clip: true });
  expect(kept.map(({ box }) => box)).toEqual([
    [0, 0, 10, 10],
    [0, 0, 10, 10],
    [0, 0, 0, 0],
  ]);
  expect(kept[0]?.agreement).toBe(1);
  expect(empty).toBe(1);
});

it('gives the only expression of a record no agreement, and lets it pass', async () => {
  const box: XyxyBox = [0, 0, 10, 10];
  const entries = [image([label(0, 0, box), label(1, 0, box), label(1, 1, [20, 20, 30, 30])])];
  for (const policy of ['expression', 'ref'] as const) {
    const { kept, all } = await selectLabels(entries, { policy, minAgreement: 0.5 });
    expect(all.map(({ agreement }) => agreement)).toEqual(policy === 'ref' ? [null, 0] : [null, 0, 0]);
    expect(texts(kept)).toEqual(['0 0']);
  }
});

it('limits: similarity, agreement, the best fraction of all, each alone and together', async () => {
  const box: XyxyBox = [0, 0, 10, 10];
  const entries = [
    image([label(0, 0, box, 5), label(0, 1, box, 1), label(1, 0, box, 3), label(1, 1, [20, 20, 30, 30], 4)]),
  ];
  const chosen = async (limits: object) =>
    texts((await selectLabels(entries, { policy: 'expression', ...limits })).kept);
  expect(await chosen({ minScore: 3 })).toEqual(['0 0', '1 0', '1 1']);
  expect(await chosen({ minAgreement: 0.5 })).toEqual(['0 0', '0 1']);
  expect(await chosen({ topFraction: 0.5 })).toEqual(['0 0', '1 1']);
  expect(await chosen({ topFraction: 0.5, minAgreement: 0.5 })).toEqual(['0 0']);
  expect(await chosen({ topFraction: 1 })).toHaveLength(4);
});
