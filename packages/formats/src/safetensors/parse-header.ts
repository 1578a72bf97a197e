import { DataFormatError } from '@refclip/structures';
import { elementBytes, elementCount, type FormatDType } from '../tensors/format-tensor.js';

/** A tensor as the header describes it; the span counts from the first byte after the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: FormatDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What the header says, checked. */
export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header that is read, bytes; as in the reference implementation. */
const longestHeader = 100_000_000;

/**
 * The length of the header, from the first eight bytes.
 *
 * @param size  of the file.
 * @throws {DataFormatError}
 */
export function parseHeaderLength(bytes: Uint8Array, size: number, file: string): number {
  if (bytes.length < 8)
    throw new DataFormatError({ file }, `${size} bytes; expected at least 8. It is truncated or no safetensors file.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader || length > size - 8) {
    throw new DataFormatError(
      { file },
      `its header claims ${length} bytes of ${size - 8}. It is truncated or no safetensors file.`,
    );
  }
  return length;
}

/**
 * Reads the header of a safetensors file. Tensors must cover the content without holes or overlaps.
 *
 * @param bytes        the header alone.
 * @param contentSize  bytes after the header.
 * @throws {DataFormatError} naming the tensor.
 * @see https://huggingface.co/docs/safetensors, the format
 */
export function parseHeader(bytes: Uint8Array, contentSize: number, file: string): SafetensorsHeader {
  const fail = (problem: string, record?: string): never => {
    throw new DataFormatError({ file, record }, problem);
  };
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataFormatError({ file, field: 'header' }, `not JSON (${(cause as Error).message}).`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('its header is no JSON object.');
  const { __metadata__: metadata = {}, ...described } = header as Record<string, unknown>;
  if (
    typeof metadata !== 'object' ||
    metadata === null ||
    Object.values(metadata).some((value) => typeof value !== 'string')
  ) {
    fail('its metadata must map names to strings.');
  }
  const entries = Object.entries(described).map(([name, entry]) => parseEntry(name, entry, contentSize, fail));
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      fail(`begins at byte ${begin}; expected ${at}: tensors must follow each other without holes or overlaps.`, name);
    at = end;
  }
  if (at !== contentSize) fail(`${contentSize - at} bytes after the last tensor.`);
  return { entries, metadata: metadata as Record<string, string> };
}

function parseEntry(
  name: string,
  entry: unknown,
  contentSize: number,
  fail: (problem: string, record?: string) => never,
): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(elementBytes, dtype)) {
    fail(`its type is ${JSON.stringify(dtype)}; expected one of ${Object.keys(elementBytes).join(', ')}.`, name);
  }
  if (!isWhole(shape) || shape.length > 32) return fail('its shape is no list of whole numbers.', name);
  if (!isWhole(offsets) || offsets.length !== 2) return fail('its data_offsets are no pair of whole numbers.', name);
  const [begin, end] = offsets as [number, number];
  const size = elementCount(shape) * elementBytes[dtype as FormatDType];
  if (!(end <= contentSize && end - begin === size))
    fail(`bytes ${begin} to ${end} of ${contentSize} for ${dtype} [${shape.join(', ')}], which takes ${size}.`, name);
  return { name, dtype: dtype as FormatDType, shape, begin, end };
}

const isWhole = (list: unknown): list is number[] =>
  Array.isArray(list) && list.every((d) => Number.isSafeInteger(d) && d >= 0);
