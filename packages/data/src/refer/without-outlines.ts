const key = '"segmentation"';
/** Bytes of nested lists of numbers: digits, signs, exponents, commas, brackets, white space. */
const listBytes = new Uint8Array(256);
for (const character of '0123456789+-.eE,[] \t\r\n') listBytes[character.charCodeAt(0)] = 1;
const [backslash, colon, opening, closing] = ['\\', ':', '[', ']'].map((character) => character.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];

/**
 * JSON with `null` in place of every `"segmentation"` that is a list of numbers, which are nine tenths of an `instances.json` that nobody looks at
 * when no masks are wanted. Everything else stays byte for byte; of broken JSON only such lists are gone.
 */
export function withoutOutlines(bytes: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const target = Buffer.allocUnsafe(source.length);
  let [from, to] = [0, 0];
  for (let at = source.indexOf(key); at >= 0; at = source.indexOf(key, at + key.length)) {
    // Behind a backslash the quote is part of a text.
    if (source[at - 1] === backslash) continue;
    const start = afterSpace(source, at + key.length);
    if (source[start] !== colon) continue;
    const list = afterSpace(source, start + 1);
    const end = endOfList(source, list);
    if (end === undefined) continue;
    to += source.copy(target, to, from, list);
    to += target.write('null', to, 'latin1');
    from = end;
    at = end - key.length;
  }
  to += source.copy(target, to, from);
  return target.subarray(0, to);
}

function afterSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

/** Where a list of numbers and such lists ends, behind its bracket; undefined for anything else. */
function endOfList(bytes: Buffer, from: number): number | undefined {
  if (bytes[from] !== opening) return undefined;
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (!listBytes[byte]) return undefined;
    if (byte === opening) depth++;
    else if (byte === closing && --depth === 0) return at + 1;
  }
  return undefined;
}
