import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writePieces } from '@refclip/formats';
import { FileError } from '@refclip/structures';

/** What a file holds, and what tells whether it was touched since. */
export interface FileDigest {
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly digest: string;
  /** Inode, size and times of modification and change, to the nanosecond. */
  readonly state: string;
}

/**
 * Names a file by its content.
 *
 * @param memory  a folder that remembers digests, so that a file with the same state is not read again. Absent: nothing is remembered.
 * @throws {FileError} when the file cannot be read, or is written to meanwhile.
 */
export async function fileDigest(file: string, memory?: string): Promise<FileDigest> {
  const path = resolve(file);
  const state = await fileState(file);
  const note = memory && join(memory, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.digest`);
  const known = note ? await readFile(note, 'utf8').catch(() => '') : '';
  if (/^[\da-f]{64} /.test(known) && known.slice(65) === state) return { digest: known.slice(0, 64), state };
  const digest = await digestOf(file);
  await assertUntouched(file, state);
  // A memory that cannot be written is none: the digest is computed again next time.
  if (note) await writePieces(note, [`${digest} ${state}`]).catch(() => undefined);
  return { digest, state };
}

/** @throws {FileError} when the file has another state. */
export async function assertUntouched(file: string, state: string): Promise<void> {
  if ((await fileState(file)) !== state)
    throw new FileError(file, 'was written to while it was being read. Try again when it is whole.');
}

async function fileState(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true }).catch((cause) => {
    throw unreadable(file, cause);
  });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 4 << 20 })) hash.update(chunk as Uint8Array);
  } catch (cause) {
    throw unreadable(file, cause as NodeJS.ErrnoException);
  }
  return hash.digest('hex');
}

const unreadable = (file: string, cause: NodeJS.ErrnoException) =>
  new FileError(file, `cannot be read (${cause.code}). Check the path.`, { cause });
