import { DataFormatError } from '@refclip/structures';

/**
 * Parses JSON and, as Python's `json.dump` writes them, bare `NaN` and `Infinity`, which become `null`.
 *
 * @param record  where the text stands, e.g. `line 3`; errors of a whole file say line and column instead.
 * @throws {DataFormatError} that says where the text stops being JSON.
 */
export function parseJson(text: string, file: string, record?: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (/\bNaN\b|\bInfinity\b/.test(text)) {
      const strict = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (t) => (t[0] === '"' ? t : 'null'));
      try {
        return JSON.parse(strict);
      } catch {
        // The first error says more: its positions are those of the file.
      }
    }
    const reason = (cause as Error).message;
    const position = /position (\d+)/.exec(reason)?.[1];
    const truncated = /Unexpected end|Unterminated/.test(reason);
    const before = text.slice(0, position === undefined ? text.length : Number(position));
    const lines = before.split('\n');
    const where = record ?? `line ${lines.length}`;
    const column = `column ${lines.at(-1)!.length + 1}`;
    const problem = truncated ? 'the JSON ends too early; is the file truncated?' : 'not JSON here.';
    // V8's message quotes the text; it is not repeated, since one line of a hostile file can be megabytes long.
    throw new DataFormatError({ file, record: where }, `${column}: ${problem}`, { cause });
  }
}
