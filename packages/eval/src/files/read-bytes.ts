import { open, readFile } from 'node:fs/promises';
import { FileError } from '@refclip/structures';

const failed = (file: string) => (cause: Error) => {
  throw new FileError(file, `cannot be read: ${cause.message}`, { cause });
};

/** A whole file. @throws {FileError} when it cannot be read. @internal */
export async function readBytes(file: string): Promise<Uint8Array> {
  return await readFile(file).catch(failed(file));
}

/** The first `length` bytes of a file, or all of it. @throws {FileError} when it cannot be read. @internal */
export async function readBeginning(file: string, length: number): Promise<Uint8Array> {
  const handle = await open(file).catch(failed(file));
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(length) }).catch(failed(file));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
