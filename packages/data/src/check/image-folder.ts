import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';
import { imageIdOfName } from '../convert/image-id-of-name.js';
import { leadsOut } from './leads-out.js';

/** The files of an image folder, for finding the image that an annotation means. */
export class ImageFolder {
  readonly directory: string;
  readonly #paths: ReadonlySet<string>;
  readonly #byName = new Map<string, string[]>();

  private constructor(directory: string, paths: readonly string[]) {
    this.directory = directory;
    this.#paths = new Set(paths);
    for (const path of paths) {
      const named = this.#byName.get(baseName(path));
      if (named) named.push(path);
      else this.#byName.set(baseName(path), [path]);
    }
  }

  /** Reads the names of all files in a folder and below. @throws {FileError} when it is no readable folder. */
  static async open(directory: string): Promise<ImageFolder> {
    try {
      const entries = await readdir(directory, { recursive: true });
      return new ImageFolder(directory, entries.map((entry) => entry.replaceAll('\\', '/')).sort());
    } catch (cause) {
      throw new FileError(directory, `is no folder that can be read: ${(cause as Error).message}`, { cause });
    }
  }

  /**
   * The path of an image, or undefined when it is not there.
   *
   * An id is tried as `COCO_train2014_%012d.jpg`, `COCO_val2014_%012d.jpg`, `%012d.jpg` and `%d.jpg`, a name that holds an id (as COCO's, or `7.jpg`) as
   * itself and then as its id. A name is a path in the folder; otherwise the one file below it whose path ends in the name, or in whose place the
   * name ends: `train2014/a.jpg` finds `a.jpg`, and `a.jpg` finds `train2014/a.jpg` unless there is another. Only names that the folder lists are found, so
   * no name leads out of it.
   */
  find(image: number | string): string | undefined {
    if (typeof image === 'string' && leadsOut(image)) return undefined;
    for (const name of namesOf(image)) {
      const found = this.#paths.has(name) ? name : this.#elsewhere(name);
      if (found !== undefined) return join(this.directory, found);
    }
    return undefined;
  }

  #elsewhere(name: string): string | undefined {
    const base = baseName(name);
    const fitting = (this.#byName.get(base) ?? []).filter(
      (path) => path.endsWith(`/${name}`) || name.endsWith(`/${path}`),
    );
    // Files with COCO's long names are copies of one image; others of one name may be anything.
    return fitting.length === 1 || longName.test(base) ? fitting[0] : undefined;
  }
}

const longName = /^(?:COCO_(?:train|val|test)20\d\d_)?\d{12}(?:_\d+)?\.jpg$/;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function namesOf(image: number | string): string[] {
  if (typeof image === 'number') return namesOfId(image);
  const name = image.replaceAll('\\', '/');
  const base = baseName(name);
  const id = imageIdOfName(longName.test(base) ? base : name);
  return typeof id === 'number' ? [name, ...namesOfId(id)] : [name];
}

function namesOfId(id: number): string[] {
  const padded = String(id).padStart(12, '0');
  return [`COCO_train2014_${padded}.jpg`, `COCO_val2014_${padded}.jpg`, `${padded}.jpg`, `${id}.jpg`];
}
