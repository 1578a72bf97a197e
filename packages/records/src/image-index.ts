import { DataFormatError } from '@refclip/structures';
import { imageKey } from './image-key.js';

/** Where a name stands that is looked up, for errors. */
export interface NamePlace {
  readonly file: string;
  readonly record?: string | undefined;
  readonly field?: string | undefined;
}

/** A set of images, to be found by the names that other files give them. */
export interface ImageIndex {
  /**
   * The key of the image that a name means; undefined when it is none of them.
   *
   * @throws {DataFormatError} when the name fits several images, or when an image was already found by a longer name that contradicts this one; it names them.
   */
  resolve(name: string | number, place?: NamePlace): string | undefined;
  /** Keys of all images that a name fits: none, one, or several that it cannot tell apart. */
  candidates(name: string | number): readonly string[];
}

/**
 * An index of images, by which names meet as everywhere in this project.
 *
 * Names with equal {@link imageKey} are one image. Otherwise a path stands for one that ends in it (`0002.jpg` for `bath/0002.jpg`, and the other way round), and an
 * id for a file named by it (`25` for `a/25.jpg` or `a/000000000025.jpg`; and `25.jpg`, but not `a/25.jpg`, for the id 25), where exactly one image fits.
 *
 * @param names  of the images, as their file has them; repetitions are welcome.
 * @param file   what errors name.
 */
export function createImageIndex(names: Iterable<string | number>, file = 'images'): ImageIndex {
  const keys = new Set<string>();
  for (const name of names) keys.add(imageKey(name));
  let byLastName: Map<string, string[]> | undefined;
  const found = new Map<string, readonly string[]>();
  /** Image → the longest other name that it was found by. */
  const claims = new Map<string, string>();

  const search = (key: string): readonly string[] => {
    if (keys.has(key)) return [key];
    const known = found.get(key);
    if (known) return known;
    byLastName ??= groupByLastName(keys);
    const fitting = new Set<string>();
    for (const name of lastNamesOf(key)) for (const other of byLastName.get(name) ?? []) fitting.add(other);
    const result = [...fitting].filter((other) => meet(key, other));
    found.set(key, result);
    return result;
  };
  return {
    candidates: (name) => search(imageKey(name)),
    resolve: (name, place = { file, field: 'image' }) => {
      const key = imageKey(name);
      const [first, ...others] = search(key);
      if (first === undefined || first === key) return first;
      if (others.length > 0) {
        const shown = [first, ...others].slice(0, 5).join(', ');
        const rest = others.length > 4 ? ` and ${others.length - 4} more` : '';
        const problem = `image "${name}" fits ${others.length + 1} images: ${shown}${rest}. Write the name with its folder and extension.`;
        throw new DataFormatError(place, problem);
      }
      const claim = claims.get(first);
      if (claim === undefined || endsIn(key, claim)) claims.set(first, key);
      else if (!endsIn(claim, key)) {
        const problem = `"${claim}" and "${name}" both fit the one image "${first}". Write the names with folder and extension in both files.`;
        throw new DataFormatError(place, problem);
      }
      return first;
    },
  };
}

const lastNameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1);
const isId = (key: string) => /^\d+$/.test(key);
const endsIn = (path: string, end: string) => path === end || path.endsWith(`/${end}`);

/** The id that a file name such as `25.jpg` or `000000000025.jpg` may hold; `0025.jpg` holds none. */
function idOfFileName(name: string): string | undefined {
  const digits = /^(\d+)\.[A-Za-z]{3,4}$/.exec(name)?.[1];
  if (digits === undefined) return undefined;
  if (digits.length === 12) return digits.replace(/^0+(?=\d)/, '');
  return digits[0] === '0' && digits !== '0' ? undefined : digits;
}

function lastNamesOf(key: string): readonly string[] {
  const name = lastNameOf(key);
  const id = isId(key) ? undefined : idOfFileName(name);
  return id === undefined ? [name] : [name, id];
}

/** Images by the last part of their paths, and by the ids in these. */
function groupByLastName(keys: ReadonlySet<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    for (const name of lastNamesOf(key)) {
      const group = groups.get(name);
      if (group) group.push(key);
      else groups.set(name, [key]);
    }
  }
  return groups;
}

/** Whether a name that is looked up may stand for an image of another name: a path in another folder is no id, but an id may be any folder's file. */
function meet(asked: string, stored: string): boolean {
  if (isId(asked)) return idOfFileName(lastNameOf(stored)) === asked;
  if (isId(stored)) return idOfFileName(/(?:^|\/)\d{12}\.\w+$/.test(asked) ? lastNameOf(asked) : asked) === stored;
  return endsIn(asked, stored) || endsIn(stored, asked);
}
