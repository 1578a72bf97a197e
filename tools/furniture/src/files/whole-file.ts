import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RefclipError } from '@refclip/structures';
import { forgetTemporary, nameTemporary } from './unfinished-files.js';
import { writeFailure } from './write-failure.js';

const bufferedCharacters = 1 << 18;

/** A file that is written piece by piece beside its place and gets its name when it is closed: it is there whole, or what was there before stays. */
export class WholeFile {
  readonly file: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #text = '';

  private constructor(file: string, temporary: string, handle: FileHandle) {
    this.file = file;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** Opens a temporary file beside `file`; its folder is created. @throws {FileError} when that is impossible. */
  static async create(file: string): Promise<WholeFile> {
    const temporary = nameTemporary(file);
    try {
      await mkdir(dirname(file), { recursive: true });
      return new WholeFile(file, temporary, await open(temporary, 'wx'));
    } catch (cause) {
      forgetTemporary(temporary);
      throw writeFailure(file, cause);
    }
  }

  /** Appends a piece; text is buffered. @throws {FileError} when it cannot be written. */
  async write(piece: string | Uint8Array): Promise<void> {
    if (typeof piece === 'string') {
      this.#text += piece;
      if (this.#text.length >= bufferedCharacters) await this.#flush();
      return;
    }
    await this.#flush();
    await this.#append(piece);
  }

  /** Puts the finished file in its place; it is on the disk when this returns. @throws {FileError} when that fails: the temporary file is removed then. */
  async close(): Promise<void> {
    try {
      await this.#flush();
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#temporary, this.file);
    } catch (cause) {
      await this.abort();
      throw RefclipError.isInstance(cause) ? cause : writeFailure(this.file, cause);
    }
    forgetTemporary(this.#temporary);
  }

  /** Gives up: the temporary file is removed, an older file of that name stays. */
  async abort(): Promise<void> {
    await this.#handle.close();
    await rm(this.#temporary, { force: true }).catch(() => {});
    forgetTemporary(this.#temporary);
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text) await this.#append(text);
  }

  async #append(data: string | Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(data);
    } catch (cause) {
      throw writeFailure(this.file, cause);
    }
  }
}
