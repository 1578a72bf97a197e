import { FileError } from '@refclip/structures';
import { writeFailure } from '../files/write-failure.js';

/** System calls that look for a file and change nothing. */
const looking = new Set(['open', 'access', 'stat', 'lstat', 'realpath', 'readlink', 'scandir', 'opendir', 'read']);

/** What the system refused, in words: the file and what to do about it. */
export function systemFailure(error: NodeJS.ErrnoException): Error {
  const { path, code = '', syscall = '' } = error;
  if (path === undefined && !/^(write|fsync|ftruncate|copyfile)/.test(syscall)) return error;
  if (path !== undefined && looking.has(syscall)) {
    if (code === 'ENOENT') return new FileError(path, `is not there. Check the path (${code}).`, { cause: error });
    if (code === 'ENOTDIR')
      return new FileError(path, `cannot be read: a part of the path is a file. Check the path (${code}).`, {
        cause: error,
      });
    if (code === 'EISDIR') return new FileError(path, `is a folder; expected a file (${code}).`, { cause: error });
  }
  return writeFailure(path ?? 'a file', error);
}
