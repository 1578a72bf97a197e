/** What a Python literal of a data file becomes. */
export type PythonLiteral = string | number | boolean | null | PythonLiteral[];

const deepest = 16;
const numberPattern = /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

/**
 * Reads a Python literal as CSV files of the field hold them: numbers, strings, lists and tuples of these, `None`, `True`, `False`.
 * Nothing is evaluated.
 *
 * @throws {SyntaxError} with the position, for anything else.
 *
 * @example
 * parsePythonLiteral("[1, 2.5, 'it\\'s', (3,)]"); // [1, 2.5, "it's", [3]]
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonLiteral {
    this.#space();
    if (depth > deepest) this.#fail(`at most ${deepest} nested lists`);
    const character = this.#text[this.#at];
    if (character === '[') return this.#list(']', depth);
    if (character === '(') return this.#list(')', depth);
    if (character === "'" || character === '"') return this.#string(character);
    if ((character === 'u' || character === 'b') && /['"]/.test(this.#text[this.#at + 1] ?? '')) {
      this.#at++;
      return this.#string(this.#text[this.#at] as string);
    }
    for (const [word, value] of [
      ['None', null],
      ['True', true],
      ['False', false],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#fail('the end');
  }

  #list(close: string, depth: number): PythonLiteral[] {
    const items: PythonLiteral[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) {
        this.#at++;
        return items;
      }
      items.push(this.value(depth + 1));
      this.#space();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== close) this.#fail(`a comma or ${close}`);
    }
  }

  #string(quote: string): string {
    let text = '';
    this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) this.#fail(`a closing ${quote}`);
      this.#at++;
      if (character === quote) return text;
      text += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const code = this.#text[this.#at++] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[code];
    if (digits !== undefined) {
      const hexadecimal = this.#text.slice(this.#at, this.#at + digits);
      const point =
        /^[0-9a-fA-F]+$/.test(hexadecimal) && hexadecimal.length === digits ? Number.parseInt(hexadecimal, 16) : -1;
      if (point < 0 || point > 0x10ffff) this.#fail(`${digits} hexadecimal digits`);
      this.#at += digits;
      return String.fromCodePoint(point);
    }
    // Python keeps the backslash of an escape it does not know.
    return escapes[code] ?? `\\${code}`;
  }

  #number(): number {
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text)?.[0];
    if (match === undefined) this.#fail('a number, string, list, None, True or False');
    this.#at += match.length;
    return Number(match.replaceAll('_', ''));
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #fail(expected: string): never {
    const found = this.#text.slice(this.#at, this.#at + 12);
    throw new SyntaxError(`expected ${expected} at position ${this.#at}, got ${found ? `"${found}"` : 'the end'}`);
  }
}
