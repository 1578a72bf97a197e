import { DataFormatError } from '@refclip/structures';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const longestInteger = 1024;
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The bytes that were given end before the pickle does. */
export class PickleTooShort extends DataFormatError {}

/** Walks through the bytes of a pickle; no length in them is believed before the bytes are there. */
export class PickleCursor {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #file: string;
  readonly #part: string;
  #at = 0;

  /** @param part  where in the file the bytes are, for messages. */
  constructor(bytes: Uint8Array, file: string, part = '') {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
    this.#part = part && `${part}, `;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#at;
  }

  fail(problem: string): never {
    throw new DataFormatError({ file: this.#file, record: `${this.#part}byte ${this.#at}` }, `${problem}.`);
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Rounded beyond 2⁵³, which no length is. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  span(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Up to the next line feed, as Latin-1. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#tooShort('the file ends within a line');
    const start = this.#at;
    this.#at = end + 1;
    return this.#bytes.toString('latin1', start, end);
  }

  /** UTF-8. Python keeps lone surrogates in pickles; they become replacement characters. */
  utf8(length: number): string {
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A byte string of Python 2: UTF-8, or Latin-1 where it is not. */
  oldString(length: number): string {
    return decodeOldString(this.span(length));
  }

  /** `repr` of a byte string of Python 2: `'it\'s caf\xc3\xa9'`. */
  quotedString(): string {
    const line = this.line();
    const quote = line[0];
    if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote)
      this.fail('a text without its quotes');
    const unescaped = line
      .slice(1, -1)
      .replace(
        /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g,
        (all, hexadecimal?: string, octal?: string, name?: string) => {
          if (hexadecimal) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
          if (octal) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
          return escapes[name as string] ?? all;
        },
      );
    return decodeOldString(Buffer.from(unescaped, 'latin1'));
  }

  /** Python's `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
  rawUnicode(): string {
    const line = this.line();
    if (!line.includes('\\')) return line;
    return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
      const point = Number.parseInt((short ?? long) as string, 16);
      return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
    });
  }

  /** A whole number in decimals; `00` and `01` are how old protocols write False and True. */
  decimal(suffix = ''): number | bigint | boolean {
    const line = this.line();
    const text = suffix && line.endsWith(suffix) ? line.slice(0, -suffix.length) : line;
    if (text === '01') return true;
    if (text === '00') return false;
    if (!/^[+-]?\d{1,400}$/.test(text)) this.fail(`"${text.slice(0, 20)}" is no whole number`);
    return narrow(BigInt(text.replace(/^\+/, '')));
  }

  decimalFloat(): number {
    const text = this.line();
    const words: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN };
    if (Object.hasOwn(words, text)) return words[text] as number;
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isNaN(number)) this.fail(`"${text.slice(0, 20)}" is no number`);
    return number;
  }

  /** A place in the memo, in decimals. Old protocols hold one for nearly every value, so no text is made of it. */
  decimalIndex(): number {
    const start = this.#at;
    let index = 0;
    for (;;) {
      const byte = this.byte();
      const digits = this.#at - start - 1;
      if (byte === 0x0a && digits > 0) return index;
      if (byte < 0x30 || byte > 0x39 || digits >= 9) this.fail('a number of a memo is no whole number below a billion');
      index = 10 * index + byte - 0x30;
    }
  }

  /** A whole number in two's complement, little endian. */
  long(length: number): number | bigint {
    if (length > longestInteger) this.fail(`a whole number of ${length} bytes`);
    if (length === 0) return 0;
    const hexadecimal = Buffer.from(this.span(length)).reverse().toString('hex');
    return narrow(BigInt.asIntN(length * 8, BigInt(`0x${hexadecimal}`)));
  }

  /** Moves on by a number of bytes and returns where they begin. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) this.#tooShort('the file ends too early');
    this.#at = start + length;
    return start;
  }

  #tooShort(problem: string): never {
    throw new PickleTooShort({ file: this.#file, record: `${this.#part}byte ${this.#at}` }, `${problem}.`);
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function decodeOldString(span: Uint8Array): string {
  const bytes = Buffer.from(span.buffer, span.byteOffset, span.length);
  for (const byte of bytes) {
    if (byte < 0x80) continue;
    try {
      return strictUtf8.decode(bytes);
    } catch {
      break;
    }
  }
  return bytes.toString('latin1');
}
