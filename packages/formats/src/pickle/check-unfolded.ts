import { isPickledDict, type PickleValue } from './pickle-value.js';

/** Python's own reader of JSON and its pickler give up at about 1000 levels. */
const deepest = 500;
/** Values that a pickle may stand for when everything shared is counted as often as it appears. */
const mostUnfolded = 2 ** 25;

type Container<T> = readonly PickleValue<T>[] | { readonly [key: string]: PickleValue<T> };
interface Extent {
  /** Values in a container, as far as it was walked. */
  size: number;
  /** Levels below it. */
  height: number;
}
interface Visit<T> extends Extent {
  readonly children: readonly PickleValue<T>[];
  next: number;
}

/**
 * Whether a value from a pickle can be walked by ordinary code: it does not hold itself, is not nested too deeply, and is not so much larger
 * than its file, by parts that appear again and again, that walking it would never end.
 *
 * @param isForbidden  values that must not appear anywhere.
 * @returns what is wrong, or undefined.
 */
export function findUnfoldingProblem<T>(
  root: PickleValue<T>,
  isForbidden: (value: PickleValue<T>) => string | undefined,
): string | undefined {
  const done = new Map<Container<T>, Extent | undefined>();
  const path: Visit<T>[] = [];
  const enter = (container: Container<T>) => {
    done.set(container, undefined);
    const children = Array.isArray(container) ? container : Object.values(container);
    path.push({ children, next: 0, size: 1, height: 0 });
    return container;
  };
  if (!isContainer(root)) return isForbidden(root);
  const containers = [enter(root)];
  for (let visit = path.at(-1); visit; visit = path.at(-1)) {
    if (visit.size > mostUnfolded) return `shares its parts so often that it unfolds to over ${mostUnfolded} values`;
    if (path.length + visit.height > deepest) return `is nested more than ${deepest} levels deep`;
    if (visit.next === visit.children.length) {
      path.pop();
      done.set(containers.pop() as Container<T>, { size: visit.size, height: visit.height });
      const parent = path.at(-1);
      if (parent) include(parent, visit);
      continue;
    }
    const child = visit.children[visit.next++] as PickleValue<T>;
    if (isContainer(child)) {
      const known = done.get(child);
      if (known) include(visit, known);
      else if (done.has(child)) return 'holds a list or dict inside itself';
      else containers.push(enter(child));
      continue;
    }
    const problem = isForbidden(child);
    if (problem) return problem;
    // Long texts count for more, since they too can be shared.
    visit.size += typeof child === 'string' || child instanceof Uint8Array ? 1 + (child.length >> 6) : 1;
  }
  return undefined;
}

function include(visit: Extent, child: Extent): void {
  visit.size += child.size;
  visit.height = Math.max(visit.height, child.height + 1);
}

function isContainer<T>(value: PickleValue<T>): value is PickleValue<T>[] | { [key: string]: PickleValue<T> } {
  return Array.isArray(value) || isPickledDict(value);
}
