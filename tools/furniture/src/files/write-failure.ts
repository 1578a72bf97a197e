import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileError } from '@refclip/structures';

/** What a system's error code means to the person who named the file, and what to do. */
const explanations: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied. Choose a folder that you may write to',
  EPERM: 'permission is denied. Choose a folder that you may write to',
  EROFS: 'the disk is read-only. Choose a folder elsewhere',
  ENOSPC: 'the disk is full. Free some space or choose a folder elsewhere',
  EDQUOT: 'the disk quota is used up. Free some space or choose a folder elsewhere',
  EISDIR: 'a folder has this name. Choose another name',
  ENOTDIR: 'a part of the path is a file, not a folder. Choose another path',
  EEXIST: 'a part of the path is a file, not a folder. Choose another path',
  ENOENT: 'a folder of the path does not exist. Create it or choose another path',
  ENAMETOOLONG: 'the name is too long. Choose a shorter one',
};

/** The error of a file or folder that could not be written, with what to do about it where the system's code is a usual one. */
export function writeFailure(file: string, cause: unknown): FileError {
  if (cause instanceof FileError) return cause;
  if (!(cause instanceof Error)) return new FileError(file, `cannot be written: ${String(cause)}`);
  const { code = '', syscall } = cause as NodeJS.ErrnoException;
  // Making folders on a read-only disk, Node.js says that they are not there.
  const known = code === 'ENOENT' && syscall === 'mkdir' ? (refusalAbove(file) ?? code) : code;
  const explanation = explanations[known];
  const told = explanation ? `${explanation} (${known}).` : (cause.message.split('\n')[0] as string);
  return new FileError(file, `cannot be written: ${told}`, { cause });
}

/** Why nothing can be made in the nearest folder above that exists; absent: it can. */
function refusalAbove(file: string): string | undefined {
  let folder = dirname(resolve(file));
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
