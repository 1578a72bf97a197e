import { type FileHandle, open } from 'node:fs/promises';
import { DataFormatError, FileError } from '@refclip/structures';
import type { ByteSource } from './byte-source.js';

/** Node reads at most 2³¹ − 1 bytes at once. */
const mostAtOnce = 2 ** 30;

/** Bytes in memory as a {@link ByteSource}. */
export function bytesInMemory(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (start, length) => {
      assertWithin(name, bytes.length, start, length);
      return bytes.subarray(start, start + length);
    },
    close: async () => undefined,
  };
}

/**
 * Opens a file for reading at any place; nothing is read yet.
 *
 * @throws {FileError} when it cannot be opened or is a folder.
 */
export async function openBytes(file: string): Promise<ByteSource> {
  const handle = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new FileError(file, `cannot be read (${cause.code}). Check the path.`, { cause });
  });
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new FileError(file, 'is no file. Check the path.');
  }
  const { size } = stat;
  return {
    name: file,
    size,
    read: async (start, length) => {
      assertWithin(file, size, start, length);
      return readFully(handle, file, start, length);
    },
    close: () => handle.close(),
  };
}

function assertWithin(file: string, size: number, start: number, length: number): void {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(length) && start >= 0 && length >= 0;
  if (!whole || start + length > size) {
    throw new DataFormatError(
      { file },
      `bytes ${start} to ${start + length} of ${size} are needed. It is truncated or damaged.`,
    );
  }
}

async function readFully(handle: FileHandle, file: string, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const wanted = Math.min(length - at, mostAtOnce);
    const { bytesRead } = await handle.read(bytes, at, wanted, start + at).catch((cause: NodeJS.ErrnoException) => {
      throw new FileError(file, `cannot be read (${cause.code}).`, { cause });
    });
    if (bytesRead === 0) throw new FileError(file, 'became shorter while it was read.');
    at += bytesRead;
  }
  return bytes;
}
