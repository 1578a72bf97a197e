/** What an expression is made of. */
export interface ExpressionTraits {
  /** Words: runs of letters and digits. */
  readonly words: number;
  /** Says where in the image: left, top, middle, … */
  readonly place: boolean;
  /** Relates to another object: next to, behind, holding, … */
  readonly relation: boolean;
  readonly color: boolean;
  /** Counts: second, 3rd, last, … */
  readonly ordinal: boolean;
}

const wordsOf = (text: string) => new Set(text.split(' '));

/** English words by which an expression is sorted. Data, to be read and disputed. */
const vocabulary = {
  place: wordsOf(
    'left right top bottom upper lower middle center centre central corner side front back far near leftmost rightmost ' +
      'topmost foreground background edge lft rt btm rightest leftest lefty righty',
  ),
  relation: wordsOf(
    'behind beside besides between above below under underneath over beneath next against near nearest closest facing ' +
      'around across opposite touching holding wearing riding sitting standing carrying on with by inside outside beyond',
  ),
  color: wordsOf(
    'red green blue yellow orange purple pink brown black white gray grey beige tan gold golden silver blonde blond ' +
      'maroon teal turquoise violet navy cream dark light colored coloured striped',
  ),
  ordinal: wordsOf(
    'first second third fourth fifth sixth seventh eighth ninth tenth last 1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th',
  ),
};

/** Which kinds of words an English expression has. Case and punctuation do not matter. */
export function describeExpression(expression: string): ExpressionTraits {
  const words = expression.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const has = (kind: ReadonlySet<string>) => words.some((word) => kind.has(word));
  return {
    words: words.length,
    place: has(vocabulary.place),
    relation: has(vocabulary.relation),
    color: has(vocabulary.color),
    ordinal: has(vocabulary.ordinal),
  };
}
