import { type FileHandle, open } from 'node:fs/promises';
import { DataFormatError, FileError } from '@refclip/structures';

/** A line of more bytes is no prediction: reading it would only fill memory. */
const longestLine = 1 << 24;

/** Bytes read at once. */
const blockSize = 1 << 20;

/** Bytes decoded at once: what is made of them is gone again before the memory of young objects is full, so that little is copied. */
const batchSize = 1 << 16;

/** A line of a text file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a UTF-8 file in batches, so that a file larger than memory streams. Empty lines are left out but counted.
 *
 * @param onBytes  told how many bytes were read, now and then.
 * @throws {FileError} when the file cannot be read.
 * @throws {DataFormatError} for a line of more than 16 MiB.
 */
export async function* readLines(
  file: string,
  onBytes?: ((bytesRead: number) => void) | undefined,
): AsyncGenerator<readonly Line[]> {
  const fail = (cause: unknown): never => {
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  };
  const handle = await open(file).catch(fail);
  try {
    // The first `held` bytes of the buffer are of a line whose end is yet to be read.
    let buffer = Buffer.allocUnsafe(2 * blockSize);
    let [held, total, number] = [0, 0, 0];
    const decode = (start: number, end: number): readonly Line[] => {
      const lines = buffer.toString('utf8', start, end).split('\n');
      if (lines.at(-1) === '') lines.pop();
      if (number === 0 && lines[0]?.charCodeAt(0) === 0xfeff) lines[0] = lines[0].slice(1);
      const first = number + 1;
      number += lines.length;
      return lines
        .map((text, i) => ({ number: first + i, text: text.endsWith('\r') ? text.slice(0, -1) : text }))
        .filter(({ text }) => text.length > 0);
    };
    for (;;) {
      if (buffer.length - held < blockSize) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const read = await readBlock(handle, buffer, held).catch(fail);
      if (read === 0) break;
      total += read;
      onBytes?.(total);
      const filled = held + read;
      // No byte inside a UTF-8 character is a newline, so a block may be cut there before it is decoded.
      const end = buffer.lastIndexOf(10, filled - 1) + 1;
      for (let start = 0; start < end; ) {
        const near = Math.min(start + batchSize, end);
        const before = buffer.lastIndexOf(10, near - 1) + 1;
        const next = before > start ? before : buffer.indexOf(10, near) + 1;
        yield decode(start, next);
        start = next;
      }
      buffer.copyWithin(0, end, filled);
      held = filled - end;
      if (held > longestLine) {
        const problem = `longer than ${longestLine} bytes; expected one prediction per line.`;
        throw new DataFormatError({ file, record: `line ${number + 1}` }, problem);
      }
    }
    if (held > 0) yield decode(0, held);
  } finally {
    await handle.close();
  }
}

async function readBlock(handle: FileHandle, buffer: Buffer, offset: number): Promise<number> {
  const { bytesRead } = await handle.read(buffer, offset, blockSize);
  return bytesRead;
}
