import { DataFormatError } from '@refclip/structures';

/**
 * Rows of spaCy's `key2row` (MessagePack: one map of whole numbers), for the wanted keys alone.
 *
 * @throws {DataFormatError} for anything else, and for a map that ends early.
 * @see the MessagePack specification, https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function readKeyRows(bytes: Uint8Array, file: string, wanted: ReadonlySet<bigint>): Map<bigint, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const fail = (problem: string): never => {
    throw new DataFormatError(
      { file, record: `byte ${at}` },
      `${problem}; expected a MessagePack map of whole numbers.`,
    );
  };
  const advance = (length: number): number => {
    if (at + length > bytes.length) fail('it ends early');
    at += length;
    return at - length;
  };
  const number = (): bigint => {
    const kind = view.getUint8(advance(1));
    if (kind < 0x80) return BigInt(kind);
    if (kind >= 0xe0) return BigInt(kind - 0x100);
    if (kind === 0xcc) return BigInt(view.getUint8(advance(1)));
    if (kind === 0xcd) return BigInt(view.getUint16(advance(2)));
    if (kind === 0xce) return BigInt(view.getUint32(advance(4)));
    if (kind === 0xcf) return view.getBigUint64(advance(8));
    if (kind === 0xd0) return BigInt(view.getInt8(advance(1)));
    if (kind === 0xd1) return BigInt(view.getInt16(advance(2)));
    if (kind === 0xd2) return BigInt(view.getInt32(advance(4)));
    if (kind === 0xd3) return view.getBigInt64(advance(8));
    return fail(`it holds a value of kind 0x${kind.toString(16)}`);
  };
  const count = (): number => {
    const kind = view.getUint8(advance(1));
    if (kind >= 0x80 && kind < 0x90) return kind - 0x80;
    if (kind === 0xde) return view.getUint16(advance(2));
    if (kind === 0xdf) return view.getUint32(advance(4));
    return fail(`it begins with 0x${kind.toString(16)}`);
  };
  const rows = new Map<bigint, number>();
  for (let left = count(); left > 0; left--) {
    const [key, row] = [number(), number()];
    // spaCy marks keys that lost their vector with a negative row.
    if (row >= 0n && wanted.has(key)) rows.set(key, Number(row));
  }
  return rows;
}
