import { DataFormatError } from '@refclip/structures';

const newline = 10;

/** A line of word vectors has some thousand bytes; more than this is no text of lines. */
const MAX_LINE_BYTES = 1 << 20;

/**
 * Lines of a stream of bytes, without their ends. Holds one piece and one line at a time.
 *
 * @throws {DataFormatError} for a line of more than 1 MiB.
 */
export async function* splitLines(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Buffer[]> {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  for await (const piece of pieces) {
    const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const bytes = rest.length ? Buffer.concat([rest, view]) : view;
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      lines.push(bytes.subarray(start, end));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      throw new DataFormatError({ file }, `a line has more than ${MAX_LINE_BYTES} bytes; expected a word and numbers.`);
    }
    yield lines;
  }
  if (rest.length) yield [rest];
}
