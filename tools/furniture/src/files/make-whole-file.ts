import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forgetTemporary, nameTemporary } from './unfinished-files.js';
import { writeFailure } from './write-failure.js';

/**
 * Lets somebody else, such as an image library, write a file so that it is there whole or not at all. Its folder is created.
 *
 * @param make  writes the file of the name that it is given.
 * @throws {FileError} when the folder or the file's name cannot be written. An error of `make` passes through; nothing is left behind.
 */
export async function makeWholeFile(file: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = nameTemporary(file);
  const guard = async (action: Promise<unknown>) => {
    try {
      await action;
    } catch (cause) {
      throw writeFailure(file, cause);
    }
  };
  try {
    await guard(mkdir(dirname(file), { recursive: true }));
    // So that a refusal is the system's, with its code, not the words of a library.
    await guard(writeFile(temporary, '', { flag: 'wx' }));
    await make(temporary);
    await guard(rename(temporary, file));
  } catch (error) {
    await rm(temporary, { force: true, recursive: true }).catch(() => {});
    throw error;
  } finally {
    forgetTemporary(temporary);
  }
}
