import type { FourNumbers } from '../boxes/box-format.js';

const number = String.raw`(-?\d{1,6}(?:\.\d{1,20})?)`;
const separated = String.raw`\s{0,4},\s{0,4}`;
/** `[a, b, c, d]` and `(a, b, c, d)`, or two points `(a, b), (c, d)`, with any bracket. */
const flat = new RegExp(`[[(<{]\\s{0,4}${[number, number, number, number].join(separated)}\\s{0,4}[\\])>}]`, 'g');
const points = new RegExp(
  `[[(]\\s{0,4}${number}${separated}${number}\\s{0,4}[\\])]\\s{0,4},?\\s{0,4}[[(]\\s{0,4}${number}${separated}${number}\\s{0,4}[\\])]`,
  'g',
);

/** What a text answer says. */
export interface TextBoxes {
  /** In the order they stand; four numbers in the model's own scale, corners. */
  readonly boxes: readonly FourNumbers[];
  /** Whether a tag of a vision–language model marks the boxes: `<box>`, `<|box_start|>`, `<bbox>`. */
  readonly tagged: boolean;
}

/**
 * Boxes in a text answer of a vision–language model: `<box>[[x1, y1, x2, y2]]</box>`, `<|box_start|>(x1,y1),(x2,y2)<|box_end|>`, plain `[x1, y1, x2, y2]`.
 *
 * When tags are there, only what they enclose counts. Numbers are corners in the model's scale (0–1, 0–1000 or pixels).
 */
export function findBoxesInText(text: string): TextBoxes {
  const tags = /<box>(.*?)<\/box>|<\|box_start\|>(.*?)<\|box_end\|>|<bbox>(.*?)<\/bbox>/gs;
  const enclosed = Array.from(text.matchAll(tags), (match) => match[1] ?? match[2] ?? match[3] ?? '');
  const tagged = enclosed.length > 0;
  const boxes: FourNumbers[] = [];
  for (const part of tagged ? enclosed : [text]) {
    const found = [...part.matchAll(flat), ...part.matchAll(points)].sort((a, b) => a.index - b.index);
    // A model may also write the four numbers between the tags without any bracket.
    const bare = tagged && found.length === 0 ? part.match(/-?\d+(?:\.\d+)?/g) : null;
    if (bare?.length === 4) boxes.push(bare.map(Number) as unknown as FourNumbers);
    for (const match of found) boxes.push(match.slice(1, 5).map(Number) as unknown as FourNumbers);
  }
  return { boxes, tagged };
}
