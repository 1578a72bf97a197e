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

type Kind = keyof typeof vocabulary;

const kinds: readonly Kind[] = ['place', 'relation', 'color', 'ordinal'];

/** Word → its kinds, for one look-up per word. */
const kindsOfWord = new Map<string, readonly Kind[]>(
  kinds
    .flatMap((kind) => [...vocabulary[kind]])
    .map((word) => [word, kinds.filter((kind) => vocabulary[kind].has(word))]),
);

/** Runs of letters and digits. The second, which is much faster, is the same for ASCII in lower case. */
const anyWord = /[\p{L}\p{N}]+/gu;
const asciiWord = /[a-z0-9]+/g;
const notAscii = /[^\0-\x7f]/;

/** Which kinds of words an English expression has. Case and punctuation do not matter. */
export function describeExpression(expression: string): ExpressionTraits {
  const text = expression.toLowerCase();
  const words = text.match(notAscii.test(text) ? anyWord : asciiWord) ?? [];
  const traits = { words: words.length, place: false, relation: false, color: false, ordinal: false };
  for (const word of words) {
    for (const kind of kindsOfWord.get(word) ?? none) traits[kind] = true;
  }
  return traits;
}

const none: readonly Kind[] = [];
