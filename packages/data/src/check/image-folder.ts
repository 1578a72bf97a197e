import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageIndex, type ImageIndex, imageKey } from '@refclip/records';
import { DataFormatError, FileError } from '@refclip/structures';
import { leadsOut } from './leads-out.js';

/** The files of an image folder, for finding the image that an annotation means. */
export class ImageFolder {
  readonly directory: string;
  readonly #paths: ReadonlySet<string>;
  /** Image → the file of its first name. */
  readonly #files = new Map<string, string>();
  readonly #index: ImageIndex;

  private constructor(directory: string, paths: readonly string[]) {
    this.directory = directory;
    const folders = new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))));
    this.#paths = new Set(paths.filter((path) => !folders.has(path) && !/^\d+$/.test(path)));
    for (const path of paths) {
      const key = imageKey(path);
      if (!isImageName.test(path)) continue;
      const known = this.#files.get(key);
      // Files with COCO's names of one id are copies of one image.
      if (known === undefined || rankOf(path) < rankOf(known)) this.#files.set(key, path);
    }
    this.#index = createImageIndex(this.#files.keys(), directory);
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
   * The path of an image, or undefined when it is not there; {@link whyNot} says why.
   *
   * A name is a path in the folder; otherwise names meet by the rule of `createImageIndex` (`@refclip/records`): an id or one of COCO's names finds the file of that id,
   * `train2014/a.jpg` finds `a.jpg`, and `a.jpg` finds `train2014/a.jpg` unless there is another. Only names that the folder lists are found, so no name leads out of it.
   */
  find(image: number | string): string | undefined {
    const found = this.#lookUp(image);
    return 'path' in found ? join(this.directory, found.path) : undefined;
  }

  /** Why an image is not found, to be said after its name: that it is not there, or which files its name fits. Empty where it is found. */
  whyNot(image: number | string): string {
    const found = this.#lookUp(image);
    return 'path' in found ? '' : found.reason;
  }

  #lookUp(image: number | string): { readonly path: string } | { readonly reason: string } {
    if (typeof image === 'string' && leadsOut(image)) return { reason: `leads out of ${this.directory}` };
    if (typeof image === 'string') {
      const path = image.replaceAll('\\', '/');
      if (this.#paths.has(path)) return { path };
    }
    const [, other] = this.#index.candidates(image);
    if (other !== undefined) {
      const fitting = this.#index.candidates(image).slice(0, 5).join(', ');
      return { reason: `is not one file of ${this.directory}: its name fits ${fitting}. Write it with its folder` };
    }
    try {
      const key = this.#index.resolve(image);
      if (key !== undefined) return { path: this.#files.get(key) as string };
    } catch (error) {
      if (!(error instanceof DataFormatError)) throw error;
      return { reason: `is not in ${this.directory}, which has no folders that tell it from another of its name` };
    }
    return { reason: `is not in ${this.directory}` };
  }
}

const isImageName = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|heic|heif|svg|pdf)$/i;

/** Copies of one image, in the order in which they are taken. */
const rankOf = (path: string) => (path.includes('COCO_train') ? 0 : path.includes('COCO_') ? 1 : 2);
