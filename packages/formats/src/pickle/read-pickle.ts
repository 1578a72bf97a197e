import { DataFormatError } from '@refclip/structures';

/** What a pickle of plain data becomes: dicts are objects (their keys texts or whole numbers), tuples and lists are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | { [key: string]: PickleValue };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
/** Opcodes that name or call code, by what they are called in Python's `pickletools`. */
const refused: Readonly<Record<number, string>> = {
  99: 'GLOBAL',
  147: 'STACK_GLOBAL',
  82: 'REDUCE',
  98: 'BUILD',
  105: 'INST',
  111: 'OBJ',
  129: 'NEWOBJ',
  146: 'NEWOBJ_EX',
  80: 'PERSID',
  81: 'BINPERSID',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
};

/**
 * Reads a Python pickle (protocols 0–5) of plain data: numbers, texts, bytes, None, booleans, lists, tuples, dicts.
 *
 * Nothing is imported or called: a pickle that names code is refused by the name of its opcode. Byte strings of Python 2 are read as UTF-8,
 * or as Latin-1 where they are not. No length in the file is trusted; memory stays proportional to the file.
 *
 * @throws {DataFormatError} naming file and byte position.
 */
export function readPickle(bytes: Uint8Array, file: string): PickleValue {
  return new PickleReader(bytes, file).read();
}

/** Several pickles written one after the other, as PyTorch's old container is. */
export function readPickles(bytes: Uint8Array, file: string, count: number): PickleValue[] {
  const reader = new PickleReader(bytes, file);
  return Array.from({ length: count }, () => reader.read());
}

class PickleReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #file: string;
  readonly #memo = new Map<number, PickleValue>();
  #stack: PickleValue[] = [];
  readonly #marked: PickleValue[][] = [];
  #at = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#file = file;
  }

  /** The next pickle of the bytes. */
  read(): PickleValue {
    this.#memo.clear();
    this.#stack = [];
    this.#marked.length = 0;
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e) return this.#pop();
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const stack = this.#stack;
    switch (opcode) {
      case 0x80: // PROTO
        if (this.#byte() > 5) this.#fail('protocol is newer than 5');
        return;
      case 0x95: // FRAME
        this.#take(8);
        return;
      case 0x28: // MARK
        this.#marked.push(stack);
        this.#stack = [];
        return;
      case 0x30: // POP
        if (stack.length > 0) stack.pop();
        else this.#toMark();
        return;
      case 0x31: // POP_MARK
        this.#toMark();
        return;
      case 0x32: // DUP
        stack.push(this.#top());
        return;
      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
        stack.push(true);
        return;
      case 0x89: // NEWFALSE
        stack.push(false);
        return;
      case 0x49: // INT
        stack.push(this.#decimal(this.#line()));
        return;
      case 0x4c: // LONG
        stack.push(this.#decimal(this.#line().replace(/L$/, '')));
        return;
      case 0x46: // FLOAT
        stack.push(this.#float(this.#line()));
        return;
      case 0x4a: // BININT
        stack.push(this.#view.getInt32(this.#take(4), true));
        return;
      case 0x4b: // BININT1
        stack.push(this.#byte());
        return;
      case 0x4d: // BININT2
        stack.push(this.#view.getUint16(this.#take(2), true));
        return;
      case 0x8a: // LONG1
        stack.push(this.#long(this.#byte()));
        return;
      case 0x8b: // LONG4
        stack.push(this.#long(this.#size(4)));
        return;
      case 0x47: // BINFLOAT
        stack.push(this.#view.getFloat64(this.#take(8), false));
        return;
      case 0x53: // STRING
        stack.push(this.#quoted(this.#line()));
        return;
      case 0x54: // BINSTRING
        stack.push(this.#oldString(this.#span(this.#size(4))));
        return;
      case 0x55: // SHORT_BINSTRING
        stack.push(this.#oldString(this.#span(this.#byte())));
        return;
      case 0x42: // BINBYTES
        stack.push(this.#span(this.#size(4)));
        return;
      case 0x43: // SHORT_BINBYTES
        stack.push(this.#span(this.#byte()));
        return;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        stack.push(this.#span(this.#size(8)));
        return;
      case 0x56: // UNICODE
        stack.push(this.#rawUnicode(this.#line()));
        return;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(this.#utf8(this.#span(this.#byte())));
        return;
      case 0x58: // BINUNICODE
        stack.push(this.#utf8(this.#span(this.#size(4))));
        return;
      case 0x8d: // BINUNICODE8
        stack.push(this.#utf8(this.#span(this.#size(8))));
        return;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        return;
      case 0x7d: // EMPTY_DICT
        stack.push({});
        return;
      case 0x6c: // LIST
      case 0x74: // TUPLE
        this.#replaceMarked((items) => items);
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        if (stack.length < opcode - 0x84) this.#fail('the stack is too short');
        stack.push(stack.splice(stack.length - (opcode - 0x84)));
        return;
      case 0x64: // DICT
        this.#replaceMarked((items) => this.#setItems({}, items));
        return;
      case 0x61: {
        // APPEND
        const item = this.#pop();
        this.#list().push(item);
        return;
      }
      case 0x65: {
        // APPENDS
        const items = this.#toMark();
        const list = this.#list();
        for (const item of items) list.push(item);
        return;
      }
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        const key = this.#pop();
        this.#setItems(this.#top(), [key, value]);
        return;
      }
      case 0x75: {
        // SETITEMS
        const items = this.#toMark();
        this.#setItems(this.#top(), items);
        return;
      }
      case 0x70: // PUT
        this.#memo.set(this.#index(this.#line()), this.#top());
        return;
      case 0x71: // BINPUT
        this.#memo.set(this.#byte(), this.#top());
        return;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#size(4), this.#top());
        return;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x67: // GET
        stack.push(this.#remembered(this.#index(this.#line())));
        return;
      case 0x68: // BINGET
        stack.push(this.#remembered(this.#byte()));
        return;
      case 0x6a: // LONG_BINGET
        stack.push(this.#remembered(this.#size(4)));
        return;
    }
    const name = refused[opcode];
    if (name === undefined) this.#fail(`0x${opcode.toString(16)} is no opcode of plain data`);
    const what = opcode === 0x63 || opcode === 0x69 ? ` ${this.#line()}.${this.#line()}` : '';
    this.#fail(`holds code (${name}${what.slice(0, 80)}), and only plain data is read here`);
  }

  #fail(problem: string): never {
    throw new DataFormatError({ file: this.#file, record: `byte ${this.#at}` }, `${problem}.`);
  }

  /** Moves on by a number of bytes and returns where they begin. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) this.#fail('the file ends too early');
    this.#at = start + length;
    return start;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  #size(width: 4 | 8): number {
    if (width === 4) return this.#view.getUint32(this.#take(4), true);
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  #span(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#fail('the file ends within a line');
    const start = this.#at;
    this.#at = end + 1;
    return this.#bytes.toString('latin1', start, end);
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) this.#fail('the stack is empty');
    return value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) this.#fail('the stack is empty');
    return value;
  }

  #toMark(): PickleValue[] {
    const items = this.#stack;
    const outer = this.#marked.pop();
    if (!outer) this.#fail('there is no mark');
    this.#stack = outer;
    return items;
  }

  #replaceMarked(make: (items: PickleValue[]) => PickleValue): void {
    const items = this.#toMark();
    this.#stack.push(make(items));
  }

  #list(): PickleValue[] {
    const list = this.#top();
    if (!Array.isArray(list)) this.#fail('appends to what is no list');
    return list;
  }

  #setItems(target: PickleValue, items: readonly PickleValue[]): PickleValue {
    if (typeof target !== 'object' || target === null || Array.isArray(target) || target instanceof Uint8Array)
      this.#fail('sets items of what is no dict');
    if (items.length % 2) this.#fail('a dict has a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== 'string' && typeof key !== 'number') this.#fail('a key of a dict is neither text nor number');
      const value = items[i + 1] as PickleValue;
      if (key === '__proto__')
        Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
      else target[key] = value;
    }
    return target;
  }

  #remembered(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) this.#fail(`memo ${index} was never set`);
    return value;
  }

  #index(text: string): number {
    if (!/^\d{1,9}$/.test(text)) this.#fail(`"${text.slice(0, 20)}" is no number of a memo`);
    return Number(text);
  }

  #decimal(text: string): number | bigint | boolean {
    if (text === '01') return true;
    if (text === '00') return false;
    if (!/^[+-]?\d{1,400}$/.test(text)) this.#fail(`"${text.slice(0, 20)}" is no whole number`);
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : BigInt(text);
  }

  #float(text: string): number {
    const words: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN };
    const number = words[text] ?? (text.trim() === '' ? Number.NaN : Number(text));
    if (Number.isNaN(number) && text !== 'nan') this.#fail(`"${text.slice(0, 20)}" is no number`);
    return number;
  }

  /** Two's complement, little endian. */
  #long(length: number): number | bigint {
    if (length > 1024) this.#fail(`a whole number of ${length} bytes`);
    let value = 0n;
    const span = this.#span(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(span[i] as number);
    const signed = BigInt.asIntN(length * 8, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  #utf8(span: Uint8Array): string {
    try {
      return strictUtf8.decode(span);
    } catch {
      // Python keeps lone surrogates in pickles; they become replacement characters, which `check` reports.
      return new TextDecoder().decode(span);
    }
  }

  #oldString(span: Uint8Array): string {
    try {
      return strictUtf8.decode(span);
    } catch {
      return Buffer.from(span).toString('latin1');
    }
  }

  /** `repr` of a byte string of Python 2: `'it\'s caf\xc3\xa9'`. */
  #quoted(line: string): string {
    const quote = line[0];
    if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote)
      this.#fail('a text without its quotes');
    const inner = line.slice(1, -1);
    if (!inner.includes('\\') && !/[\x80-\xff]/.test(inner)) return inner;
    const names: Readonly<Record<string, string>> = {
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
    const unescaped = inner.replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g,
      (all, hexadecimal?: string, octal?: string, name?: string) => {
        if (hexadecimal) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
        if (octal) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
        return names[name as string] ?? all;
      },
    );
    return this.#oldString(Buffer.from(unescaped, 'latin1'));
  }

  /** Python's `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
  #rawUnicode(line: string): string {
    if (!line.includes('\\')) return line;
    return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
      const point = Number.parseInt((short ?? long) as string, 16);
      return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
    });
  }
}
