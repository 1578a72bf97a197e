import { DataFormatError } from '@refclip/structures';
import { decodeText } from './decode-text.js';

/**
 * The JSON value in a file.
 *
 * @throws {DataFormatError} that names line and column of what is no JSON.
 */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  const text = decodeText(bytes, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = (cause as Error).message;
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    const before = text.slice(0, position);
    const line = before.split('\n').length;
    const column = position - before.lastIndexOf('\n');
    const what = text.trim() === '' ? 'is empty; expected JSON' : `is not JSON: ${message.replace(/ \(line.*\)$/, '')}`;
    throw new DataFormatError({ file, record: `line ${line} column ${column}` }, what, { cause });
  }
}
