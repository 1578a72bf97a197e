import { createRandomStream } from '../statistics/random.js';
import type { GalleryCase } from './gallery-case.js';

/**
 * Draws the cases that a page can hold: as many of each outcome as there are places, so that rare outcomes are not lost among common ones.
 *
 * An outcome is the verdicts of all files together: right, near miss, wrong, none; with two files also "right and wrong" and so on.
 *
 * @param size  most cases drawn.
 * @param seed  the same seed draws the same cases.
 * @returns in the order of `cases`.
 */
export function selectGallery(cases: readonly GalleryCase[], size: number, seed = 0): readonly GalleryCase[] {
  if (cases.length <= size) return cases;
  const outcomes = new Map<string, number[]>();
  for (const [place, { answers }] of cases.entries()) {
    const outcome = answers.map((answer) => answer?.verdict ?? '').join(' ');
    const places = outcomes.get(outcome);
    if (places) places.push(place);
    else outcomes.set(outcome, [place]);
  }
  const next = createRandomStream(seed);
  const open = [...outcomes.values()];
  const drawn: number[] = [];
  while (drawn.length < size) {
    for (const places of open) {
      if (places.length === 0 || drawn.length === size) continue;
      const at = Math.floor((next() / 2 ** 32) * places.length);
      drawn.push(places[at]!);
      places[at] = places.at(-1)!;
      places.pop();
    }
  }
  return drawn.sort((a, b) => a - b).map((place) => cases[place]!);
}
