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

/** Word → bits of its kinds, in the order of `kinds`. */
const bitsOfWord = new Map<string, number>();
for (const [place, kind] of kinds.entries()) {
  for (const word of vocabulary[kind]) bitsOfWord.set(word, (bitsOfWord.get(word) ?? 0) | (1 << place));
}

/** Letters and digits of ASCII → 1 to 36, either case alike; everything else → 0. */
const letterOf = Uint8Array.from({ length: 128 }, (_, code) => {
  const place = '0123456789abcdefghijklmnopqrstuvwxyz'.indexOf(String.fromCharCode(code).toLowerCase());
  return place + 1;
});
const width = 37;

/**
 * The words as a tree: `next[width · state + letter]` is the state after a letter, 0 the root, −1 no word begins so. Column 0 holds the
 * bits of the word that ends there. An expression is read once, without a string per word.
 */
const next = (() => {
  const rows = [new Int16Array(width).fill(-1)];
  for (const [word, bits] of bitsOfWord) {
    let state = 0;
    for (let i = 0; i < word.length; i++) {
      const letter = letterOf[word.charCodeAt(i)]!;
      if (rows[state]![letter]! < 0) rows[state]![letter] = rows.push(new Int16Array(width).fill(-1)) - 1;
      state = rows[state]![letter]!;
    }
    rows[state]![0] = bits;
  }
  const table = new Int16Array(width * rows.length);
  for (const [state, row] of rows.entries()) {
    if (row[0] === -1) row[0] = 0;
    table.set(row, width * state);
  }
  return table;
})();

const word = /[\p{L}\p{N}]+/gu;

/** Which kinds of words an English expression has. Case and punctuation do not matter. */
export function describeExpression(expression: string): ExpressionTraits {
  let [words, bits, state, inside] = [0, 0, 0, false];
  for (let i = 0; i < expression.length; i++) {
    const code = expression.charCodeAt(i);
    if (code > 127) return describeText(expression);
    const letter = letterOf[code]!;
    if (letter > 0) {
      if (!inside) {
        words++;
        inside = true;
      }
      if (state >= 0) state = next[width * state + letter]!;
    } else {
      if (inside && state > 0) bits |= next[width * state]!;
      state = 0;
      inside = false;
    }
  }
  if (inside && state > 0) bits |= next[width * state]!;
  return traitsOf(words, bits);
}

/** The same for any script. */
function describeText(expression: string): ExpressionTraits {
  const found = expression.toLowerCase().match(word) ?? [];
  return traitsOf(
    found.length,
    found.reduce((bits, text) => bits | (bitsOfWord.get(text) ?? 0), 0),
  );
}

function traitsOf(words: number, bits: number): ExpressionTraits {
  const has = (kind: Kind) => (bits & (1 << kinds.indexOf(kind))) !== 0;
  return { words, place: has('place'), relation: has('relation'), color: has('color'), ordinal: has('ordinal') };
}
