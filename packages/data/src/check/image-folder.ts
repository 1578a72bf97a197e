import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';

/** The files of an image folder, for finding the image that an annotation means. */
export class ImageFolder {
  readonly directory: string;
  readonly #paths: ReadonlySet<string>;
  readonly #byName: ReadonlyMap<string, string>;

  private constructor(directory: string, paths: ReadonlySet<string>) {
    this.directory = directory;
    this.#paths = paths;
    this.#byName = new Map([...paths].map((path) => [path.slice(path.lastIndexOf('/') + 1), path]));
  }

  /** Reads the names of all files in a folder and below. @throws {FileError} when it is no readable folder. */
  static async open(directory: string): Promise<ImageFolder> {
    try {
      const entries = await readdir(directory, { recursive: true });
      return new ImageFolder(directory, new Set(entries.map((entry) => entry.replaceAll('\\', '/'))));
    } catch (cause) {
      throw new FileError(directory, `is no folder that can be read: ${(cause as Error).message}`, { cause });
    }
  }

  /**
   * The path of an image, or undefined when it is not there.
   *
   * An id is tried as `COCO_train2014_%012d.jpg`, `COCO_val2014_%012d.jpg`, `%012d.jpg` and `%d.jpg`; a name as a path in the folder, then as a
   * file anywhere below it. Only names that the folder lists are found, so no name leads out of it.
   */
  find(image: number | string): string | undefined {
    for (const name of namesOf(image)) {
      const found = this.#paths.has(name) ? name : this.#byName.get(name.slice(name.lastIndexOf('/') + 1));
      if (found !== undefined) return join(this.directory, found);
    }
    return undefined;
  }
}

function namesOf(image: number | string): string[] {
  if (typeof image === 'string') return [image];
  const padded = String(image).padStart(12, '0');
  return [`COCO_train2014_${padded}.jpg`, `COCO_val2014_${padded}.jpg`, `${padded}.jpg`, `${image}.jpg`];
}
