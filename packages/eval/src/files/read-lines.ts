import { createReadStream } from 'node:fs';
import { DataFormatError, FileError } from '@refclip/structures';

/** A line longer than this is no prediction: reading it would only fill memory. */
const longestLine = 1 << 24;

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
  let rest = '';
  let number = 0;
  const keep = (batch: Line[], text: string) => {
    number++;
    const trimmed = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (trimmed.length > 0) batch.push({ number, text: trimmed });
  };
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 });
  try {
    let first = true;
    for await (const chunk of stream) {
      let text = rest + (chunk as string);
      if (first && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
      first = false;
      const batch: Line[] = [];
      let from = 0;
      for (let to = text.indexOf('\n', rest.length); to >= 0; to = text.indexOf('\n', from)) {
        keep(batch, text.slice(from, to));
        from = to + 1;
      }
      rest = text.slice(from);
      if (rest.length > longestLine) {
        const problem = `longer than ${longestLine} characters; expected one prediction per line.`;
        throw new DataFormatError({ file, record: `line ${number + 1}` }, problem);
      }
      onBytes?.(stream.bytesRead);
      if (batch.length > 0) yield batch;
    }
  } catch (cause) {
    if (cause instanceof DataFormatError) throw cause;
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  }
  const batch: Line[] = [];
  if (rest) keep(batch, rest);
  if (batch.length > 0) yield batch;
}
