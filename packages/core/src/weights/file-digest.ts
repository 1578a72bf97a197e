import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileError } from '@refclip/structures';

/**
 * SHA-256 of a file's content.
 *
 * @param memory  a folder that remembers digests, so that a file that is as it was is not read again: the same inode, size and times of modification and
 *   change, all to the nanosecond. Absent: nothing is remembered.
 * @returns 64 hexadecimal digits.
 * @throws {FileError} when the file cannot be read.
 */
export async function fileDigest(file: string, memory?: string): Promise<string> {
  const path = resolve(file);
  try {
    const state = await stateOf(path);
    const note = memory && join(memory, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.digest`);
    const known = note && (await readFile(note, 'utf8').catch(() => ''));
    const [, digest] = known ? (/^(?<digest>[\da-f]{64}) (.*)$/.exec(known) ?? []) : [];
    if (digest && known === `${digest} ${state}`) return digest;
    const computed = await digestOf(path);
    // Only of a file that nobody wrote to meanwhile.
    if (note && (await stateOf(path)) === state) await remember(note, `${computed} ${state}`);
    return computed;
  } catch (cause) {
    throw new FileError(file, `cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`, { cause });
  }
}

async function stateOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** A memory that cannot be written is none. */
async function remember(note: string, line: string): Promise<void> {
  try {
    await mkdir(join(note, '..'), { recursive: true });
    const temporary = `${note}.${process.pid}.tmp`;
    await writeFile(temporary, line);
    await rename(temporary, note);
  } catch {
    // The digest is computed again next time.
  }
}
