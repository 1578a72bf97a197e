import { ByteWriter } from '../bytes/byte-writer.js';
import { PickleCall, PickleGlobal, PicklePersistentId, PickleTuple } from './python-values.js';

/** Python's own reader would run out of its stack not far beyond. */
const deepest = 500;

/**
 * Writes data as a Python pickle of protocol 2, which Python 2 and 3 read: null, booleans, numbers, bigints, texts, arrays (lists),
 * {@link PickleTuple}, objects and maps (dicts; a map's keys may be numbers).
 *
 * Whole numbers that JavaScript holds exactly become `int`, other numbers `float`. {@link PickleGlobal}, {@link PickleCall} and
 * {@link PicklePersistentId} stand for what the reader of the pickle must know.
 *
 * @throws {TypeError} for anything else, and for what is nested more than 500 levels deep (or holds itself).
 */
export function encodePickle(value: unknown): Uint8Array {
  const writer = new ByteWriter().uint8(0x80, 2);
  encode(value, writer, 0);
  return writer.uint8(0x2e).finish();
}

const opcode = (letter: string) => letter.charCodeAt(0);

function encode(value: unknown, writer: ByteWriter, depth: number): void {
  if (depth > deepest)
    throw new TypeError(`a pickle nests at most ${deepest} levels; this value has more, or holds itself`);
  const each = (values: Iterable<unknown>) => {
    for (const item of values) encode(item, writer, depth + 1);
  };
  if (value === null) writer.uint8(opcode('N'));
  else if (typeof value === 'boolean') writer.uint8(value ? 0x88 : 0x89);
  else if (typeof value === 'number') encodeNumber(value, writer);
  else if (typeof value === 'bigint') encodeBigint(value, writer);
  else if (typeof value === 'string') encodeText(value, writer);
  else if (value instanceof PickleTuple) encodeTuple(value.items, writer, each);
  else if (value instanceof PickleGlobal) encodeGlobal(value, writer);
  else if (value instanceof PickleCall) {
    encodeGlobal(value.callee, writer);
    encodeTuple(value.args, writer, each);
    writer.uint8(opcode('R'));
  } else if (value instanceof PicklePersistentId) {
    each([value.id]);
    writer.uint8(opcode('Q'));
  } else if (Array.isArray(value)) {
    writer.uint8(opcode(']'), opcode('('));
    each(value);
    writer.uint8(opcode('e'));
  } else if (value instanceof Map || isPlainObject(value)) {
    writer.uint8(opcode('}'), opcode('('));
    for (const entry of value instanceof Map ? value : Object.entries(value)) each(entry);
    writer.uint8(opcode('u'));
  } else throw new TypeError(`${describe(value)} has no place in a pickle`);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? `an object of class ${value?.constructor.name}` : `a ${typeof value}`;
}

function encodeGlobal({ module, name }: PickleGlobal, writer: ByteWriter): void {
  writer.uint8(opcode('c')).text(`${module}\n${name}\n`);
}

function encodeTuple(items: readonly unknown[], writer: ByteWriter, each: (values: Iterable<unknown>) => void): void {
  if (items.length === 0) writer.uint8(opcode(')'));
  else if (items.length <= 3) {
    each(items);
    writer.uint8(0x84 + items.length);
  } else {
    writer.uint8(opcode('('));
    each(items);
    writer.uint8(opcode('t'));
  }
}

function encodeNumber(value: number, writer: ByteWriter): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) writer.uint8(opcode('G')).float64BigEndian(value);
  else if (value >= -(2 ** 31) && value < 2 ** 31) writer.uint8(opcode('J')).int32(value);
  else encodeBigint(BigInt(value), writer);
}

/** LONG1: two's complement, little endian. */
function encodeBigint(value: bigint, writer: ByteWriter): void {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 8n) {
    bytes.push(Number(rest & 0xffn));
    const signFits = (bytes.at(-1) as number) & 0x80 ? rest >> 8n === -1n : rest >> 8n === 0n;
    if (signFits) break;
  }
  if (bytes.length > 255) throw new TypeError(`a whole number of ${bytes.length} bytes has no place in a pickle`);
  writer.uint8(0x8a, bytes.length, ...bytes);
}

function encodeText(text: string, writer: ByteWriter): void {
  const bytes = Buffer.from(text);
  writer.uint8(opcode('X')).uint32(bytes.length).bytes(bytes);
}
