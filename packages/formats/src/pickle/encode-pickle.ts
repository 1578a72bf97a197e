/** A tuple in a pickle; other arrays become lists. */
export class PickleTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/**
 * Writes plain data as a Python pickle of protocol 2: null, booleans, numbers, bigints, texts, arrays (lists), {@link PickleTuple}, objects (dicts).
 * Whole numbers within 32 bits become `int`, other numbers `float`.
 *
 * @throws {TypeError} for anything else.
 */
export function encodePickle(value: unknown): Uint8Array {
  const pieces: Uint8Array[] = [Buffer.of(0x80, 2)];
  encode(value, pieces);
  pieces.push(Buffer.from('.'));
  return Buffer.concat(pieces);
}

function encode(value: unknown, pieces: Uint8Array[]): void {
  if (value === null) pieces.push(Buffer.from('N'));
  else if (typeof value === 'boolean') pieces.push(Buffer.of(value ? 0x88 : 0x89));
  else if (typeof value === 'number') pieces.push(encodeNumber(value));
  else if (typeof value === 'bigint') pieces.push(encodeBigint(value));
  else if (typeof value === 'string') pieces.push(encodeText(value));
  else if (value instanceof PickleTuple) {
    pieces.push(Buffer.from('('));
    for (const item of value.items) encode(item, pieces);
    pieces.push(Buffer.from('t'));
  } else if (Array.isArray(value)) {
    pieces.push(Buffer.from(']('));
    for (const item of value) encode(item, pieces);
    pieces.push(Buffer.from('e'));
  } else if (typeof value === 'object') {
    pieces.push(Buffer.from('}('));
    for (const [key, item] of Object.entries(value)) {
      pieces.push(encodeText(key));
      encode(item, pieces);
    }
    pieces.push(Buffer.from('u'));
  } else throw new TypeError(`a ${typeof value} has no place in a pickle`);
}

function encodeNumber(value: number): Uint8Array {
  const integer = Number.isInteger(value) && Math.abs(value) < 2 ** 31 && !Object.is(value, -0);
  const bytes = Buffer.alloc(integer ? 5 : 9);
  bytes.write(integer ? 'J' : 'G');
  if (integer) bytes.writeInt32LE(value, 1);
  else bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** LONG1: two's complement, little endian. */
function encodeBigint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 8n) {
    bytes.push(Number(rest & 0xffn));
    const signFits = (bytes.at(-1) as number) & 0x80 ? rest >> 8n === -1n : rest >> 8n === 0n;
    if (signFits) break;
  }
  return Buffer.of(0x8a, bytes.length, ...bytes);
}

function encodeText(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.write('X');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
