import { expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.js';

it('gives equal numbers for equal keys, others for others', () => {
  const numbers = (key: string) => {
    const random = new SeededRandom(key);
    return Array.from({ length: 4 }, () => random.next());
  };
  expect(numbers('1/train/17')).toEqual(numbers('1/train/17'));
  expect(numbers('1/train/17')).not.toEqual(numbers('1/train/18'));
});

it('draws whole numbers of a range evenly', () => {
  const random = new SeededRandom('even');
  const counts = [0, 0, 0, 0, 0];
  for (let draw = 0; draw < 10_000; draw++) {
    const place = random.whole(3, 7) - 3;
    counts[place] = (counts[place] as number) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
});

it('shuffles to another order of the same items', () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  const shuffled = new SeededRandom('order').shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.sort((a, b) => a - b)).toEqual(items);
});
