import { DataFormatError } from '@refclip/structures';

/** V8's longest string; a larger file cannot be decoded at once. */
const longest = 0x1fffffe8;

/**
 * The text of a file, which must be UTF-8; a byte order mark is dropped.
 *
 * @throws {DataFormatError} that names the line of the first byte that is not UTF-8.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length > longest) {
    throw new DataFormatError(
      { file },
      `${bytes.length} bytes are more than the ${longest} that can be read at once. Split the file.`,
    );
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new DataFormatError({ file }, 'is UTF-16; expected UTF-8. Save it as UTF-8.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const { line, column } = firstReplaced(bytes);
    throw new DataFormatError(
      { file, record: `line ${line}` },
      `character ${column} is not UTF-8. Save the file as UTF-8.`,
    );
  }
}

/** Where a lenient decoder puts its first replacement character that the file does not hold itself. */
function firstReplaced(bytes: Uint8Array): { line: number; column: number } {
  const strict = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, line = 1; ; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const row = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    try {
      strict.decode(row);
    } catch {
      return { line, column: new TextDecoder('utf-8').decode(row).indexOf('\ufffd') + 1 };
    }
    if (newline < 0) return { line, column: 0 };
    start = newline + 1;
  }
}
