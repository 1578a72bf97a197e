import type { EvaluationItem } from '@refclip/app-shared';
import type { Locator } from '@refclip/referring';
import { hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { expect, test } from 'vitest';
import { createRetrieval } from './measure-retrieval.js';

/** Score of expression e on picture p. Written by hand: e0 finds picture 0, e1 ties with another, e2 is beaten, e3 scores no number. */
const scores = [
  [5, 1, 4],
  [3, 3, 2],
  [7, 6, 6.5],
  [Number.NaN, 0, 0],
];
/** The picture that each expression is about. */
const own = [0, 0, 2, 0];

const picture = (index: number): NamedHostTensors => ({ picture: hostTensor(Float32Array.of(index), [1]) });
const items = own.map(
  (of, at): EvaluationItem => ({
    id: `val:${at}:0`,
    image: of,
    file: '',
    key: String(of),
    expression: String(at),
    record: at,
    truth: null,
  }),
);
const ownScores = own.map((of, at) => scores[at]?.[of] as number);
const tokens = (expressions: readonly string[]) => Int32Array.from(expressions, Number);

/** Answers from the table; counts what it is asked. */
function tableLocator(): { readonly locator: Locator; readonly asked: string[] } {
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('not asked here'));
  const locator: Locator = {
    imageInputs: unused,
    encodeImages: unused,
    locate: async (encoded, expressions) =>
      encoded.map((tensors, row) => {
        const [expression, at] = [expressions[row] as number, tensors.picture?.data[0] as number];
        asked.push(`${expression} on ${at}`);
        return { box: [0, 0, 1, 1], score: scores[expression]?.[at] as number, confidence: 1 };
      }),
    dispose: async () => {},
  };
  return { locator, asked };
}

test('counts expressions that match their own picture better than every other one, by hand', async () => {
  const { locator, asked } = tableLocator();
  const retrieval = createRetrieval(locator, 3);
  for (const index of [0, 1, 2]) if (retrieval.isAsked(index)) retrieval.add(String(index), picture(index));
  // e0: 5 > 1 and 4. e1: 3 is not more than 3. e2: 6.5 is less than 7. e3: no number.
  expect(await retrieval.measure(items, ownScores, tokens)).toBe(25);
  // Nobody is asked about its own picture again, nor once it is beaten.
  expect(asked.sort()).toEqual(['0 on 1', '0 on 2', '1 on 1', '2 on 0', '3 on 1']);
});

test('asks 32 pictures spread over the split, and is unknown with fewer than two', async () => {
  const { locator } = tableLocator();
  const many = createRetrieval(locator, 320);
  const asked = Array.from({ length: 320 }, (_, place) => place).filter((place) => many.isAsked(place));
  expect(asked).toEqual(Array.from({ length: 32 }, (_, at) => 10 * at));
  const one = createRetrieval(locator, 1);
  one.add('0', picture(0));
  expect(await one.measure(items, ownScores, tokens)).toBeNull();
});
