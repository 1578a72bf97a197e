import { DataFormatError } from '@refclip/structures';
import type { PieceReader } from './piece-reader.js';

const block = 512;
/** Long names and extended heads are text; a longer one is no tar of ours. */
const MAX_EXTENSION_BYTES = 1 << 16;

interface TarHead {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * The content of the first file in a tar archive whose name matches, as a stream. Nothing is written, so names are only compared.
 *
 * Understands POSIX (ustar, pax paths and sizes) and GNU (long names, large sizes) archives.
 *
 * @returns undefined when there is none; `seen` then holds the names.
 * @throws {DataFormatError} for a damaged or truncated archive, and for sparse entries, whose holes are not in the archive: their bytes alone would be wrong content.
 */
export async function readTarEntry(
  reader: PieceReader,
  file: string,
  matches: (name: string) => boolean,
  seen: string[],
): Promise<AsyncGenerator<Uint8Array> | undefined> {
  let extension: { name?: string; size?: number; sparse?: boolean } = {};
  for (;;) {
    const bytes = await reader.take(block);
    if (bytes.length === 0 || bytes.every((byte) => byte === 0)) return undefined;
    const head = parseHead(bytes, file);
    if (head.type === 'L' || head.type === 'x') {
      if (head.size > MAX_EXTENSION_BYTES) throw damaged(file, `an extended head of ${head.size} bytes`);
      const text = Buffer.from(await reader.take(head.size)).toString('utf8');
      await reader.skip(padding(head.size));
      extension = { ...extension, ...(head.type === 'L' ? { name: text.replace(/\0.*$/s, '') } : parsePax(text)) };
      continue;
    }
    const { name, size } = { ...head, ...extension };
    if (head.type === 'S' || extension.sparse)
      throw new DataFormatError(
        { file },
        `${name} is a sparse entry of a tar archive. Pack it again without --sparse.`,
      );
    extension = {};
    if (head.type === '0' || head.type === '\0') {
      if (matches(name)) return exactly(reader, size, name, file);
      seen.push(name);
    }
    await reader.skip(size + padding(size));
  }
}

const padding = (size: number) => (block - (size % block)) % block;

const damaged = (file: string, what: string) =>
  new DataFormatError({ file }, `is a damaged tar archive: ${what}. Get it again.`);

async function* exactly(reader: PieceReader, size: number, name: string, file: string): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const piece of reader.stream(size)) {
    left -= piece.length;
    yield piece;
  }
  if (left > 0) throw damaged(file, `it ends ${left} bytes before the end of ${name}`);
}

function parseHead(bytes: Uint8Array, file: string): TarHead {
  if (bytes.length < block) throw damaged(file, 'it ends within a head');
  const text = (start: number, length: number) =>
    Buffer.from(bytes.subarray(start, start + length))
      .toString('utf8')
      .replace(/\0.*$/s, '');
  const octal = (start: number, length: number) => Number.parseInt(text(start, length).trim() || '0', 8);
  const sum = bytes.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (sum !== octal(148, 8)) throw damaged(file, 'a head has a wrong checksum');
  const isBinary = ((bytes[124] as number) & 0x80) !== 0;
  const size = isBinary ? bytes.subarray(125, 136).reduce((total, byte) => total * 256 + byte, 0) : octal(124, 12);
  if (!Number.isSafeInteger(size) || size < 0) throw damaged(file, 'a size is no number');
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : '';
  return {
    name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100),
    size,
    type: String.fromCharCode(bytes[156] as number),
  };
}

/** `path` and `size` of records "length key=value\n", and whether they describe a sparse entry as GNU tar does. */
function parsePax(text: string): { name?: string; size?: number; sparse?: boolean } {
  const values = new Map([...text.matchAll(/\d+ ([^=\n]+)=([^\n]*)\n/g)].map(([, key, value]) => [key, value]));
  const [name, size] = [values.get('path'), Number(values.get('size'))];
  const sparse = [...values.keys()].some((key) => key?.startsWith('GNU.sparse.'));
  return {
    ...(name === undefined ? {} : { name }),
    ...(sparse ? { sparse } : {}),
    ...(Number.isSafeInteger(size) && size >= 0 ? { size } : {}),
  };
}
