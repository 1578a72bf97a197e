import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { describeExpression } from './describe-expression.js';

it.each([
  ['The SECOND man from the left, behind a red car.', [10, true, true, true, true]],
  ['man', [1, false, false, false, false]],
  ['', [0, false, false, false, false]],
  ['...', [0, false, false, false, false]],
  ['leftover redden', [2, false, false, false, false]],
  ['1st-left', [2, true, false, false, true]],
  ['café on the right', [4, true, true, false, false]],
  ['ÉTÉ', [1, false, false, false, false]],
] as const)('%s', (expression, [words, place, relation, color, ordinal]) => {
  expect(describeExpression(expression)).toEqual({ words, place, relation, color, ordinal });
});

it('finds in ASCII what it finds in any script', () => {
  const pieces = 'left Right lef leftt red 3rd 3r, with. - on onto 10th   woman ~ navy'.split(' ');
  const random = mulberry32(3, 6000);
  for (let n = 0; n < 500; n++) {
    const text = Array.from({ length: 12 }, (_, i) => pieces[Math.floor(random[12 * n + i]! * pieces.length)]).join(
      n % 3 === 0 ? '' : ' ',
    );
    // The no-break space belongs to no word and sends the text the other way.
    expect(describeExpression(text)).toEqual(describeExpression(`${text}\u00a0`));
  }
});
