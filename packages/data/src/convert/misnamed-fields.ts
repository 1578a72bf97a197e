const boxes = new Set(['box', 'boxes', 'bbox', 'bboxes', 'boundingbox', 'boundingboxes']);
const edges = new Set(
  ['x y x1 y1 x2 y2 xmin ymin xmax ymax xtl ytl xbr ybr left top right bottom'].flatMap((names) => names.split(' ')),
);
const splits = new Set(['split', 'splits', 'subset', 'partition', 'datasplit']);

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * What is wrong with the names of one's own pairs: a box or split under a name that is not read would be lost without a word.
 *
 * @param names        columns, or keys of an object.
 * @param read         whether the names hold a box and a split that are read.
 * @param boxIsCalled  how a box is named in the file's form.
 * @returns the field and the problem, for each.
 */
export function misnamedFields(
  names: readonly string[],
  read: { readonly box: boolean; readonly split: boolean },
  boxIsCalled: string,
): readonly (readonly [field: string, problem: string])[] {
  const found: [string, string][] = [];
  const whole = names.filter((name) => boxes.has(plain(name)));
  const parts = names.filter((name) => edges.has(plain(name)));
  const boxLike = parts.length >= 2 ? [...whole, ...parts] : whole;
  if (!read.box && boxLike.length > 0) {
    const problem = `looks like a box under a name that is not read; expected ${boxIsCalled}. Rename it, or drop it to go without boxes`;
    found.push([boxLike.join(', '), problem]);
  }
  const split = names.find((name) => splits.has(plain(name)));
  if (!read.split && split !== undefined) {
    found.push([split, 'looks like the split under a name that is not read; expected split. Rename it, or drop it']);
  }
  return found;
}

/** A text that is a list as Python or JSON prints it, such as `['the cup', 'it']`. */
export function isPrintedList(text: string): boolean {
  return /^\s*\[\s*(['"]).*\1\s*\]\s*$/s.test(text);
}

/** A text that is an object as Python or JSON prints it, such as `{'bytes': None, 'path': 'a.jpg'}`. */
export function isPrintedObject(text: string): boolean {
  return /^\s*\{\s*(['"])\w+\1\s*:.*\}\s*$/s.test(text);
}
