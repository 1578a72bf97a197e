import { DataFormatError } from '@refclip/structures';
import {
  dataOfBytes,
  elementBytes,
  elementCount,
  type FormatDType,
  type FormatTensor,
} from '../tensors/format-tensor.js';

/** Tensors by name, and the text that stands beside them. */
export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, FormatTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header that is read, bytes; as in the reference implementation. */
const longestHeader = 100_000_000;

/**
 * Reads a safetensors file that is in memory. Every length is checked against the bytes that are there; tensors must cover the content without holes
 * or overlaps.
 *
 * @param file  its name, for messages.
 * @throws {DataFormatError}
 * @see https://huggingface.co/docs/safetensors, the format
 */
export function parseSafetensors(bytes: Uint8Array, file = 'safetensors'): SafetensorsFile {
  const fail = (problem: string, record?: string): never => {
    throw new DataFormatError({ file, record }, problem);
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes; expected at least 8. It is truncated or no safetensors file.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader || length > bytes.length - 8) {
    fail(`its header claims ${length} bytes of ${bytes.length - 8}. It is truncated or no safetensors file.`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new DataFormatError({ file, field: 'header' }, `not JSON (${(cause as Error).message}).`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('its header is no JSON object.');
  const content = bytes.subarray(8 + length);
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, unknown>;
  if (
    typeof metadata !== 'object' ||
    metadata === null ||
    Object.values(metadata).some((value) => typeof value !== 'string')
  ) {
    fail('its metadata must map names to strings.');
  }
  const spans: [number, number, string][] = [];
  const tensors: Record<string, FormatTensor> = Object.create(null);
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (typeof dtype !== 'string' || !Object.hasOwn(elementBytes, dtype)) {
      fail(`its type is ${JSON.stringify(dtype)}; expected one of ${Object.keys(elementBytes).join(', ')}.`, name);
    }
    const whole = (list: unknown): list is number[] =>
      Array.isArray(list) && list.every((d) => Number.isSafeInteger(d) && d >= 0);
    if (!whole(shape) || shape.length > 32) return fail('its shape is no list of whole numbers.', name);
    if (!whole(offsets) || offsets.length !== 2) return fail('its data_offsets are no pair of whole numbers.', name);
    const [begin, end] = offsets as [number, number];
    const size = elementCount(shape) * elementBytes[dtype as FormatDType];
    if (!(end <= content.length && end - begin === size)) {
      fail(
        `bytes ${begin} to ${end} of ${content.length} for ${dtype} [${shape.join(', ')}], which takes ${size}.`,
        name,
      );
    }
    spans.push([begin, end, name]);
    tensors[name] = {
      shape,
      dtype: dtype as FormatDType,
      data: dataOfBytes(dtype as FormatDType, content.subarray(begin, end)),
    };
  }
  let at = 0;
  for (const [begin, end, name] of spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== at)
      fail(`begins at byte ${begin}; expected ${at}: tensors must follow each other without holes or overlaps.`, name);
    at = end;
  }
  if (at !== content.length) fail(`${content.length - at} bytes after the last tensor.`);
  return { tensors, metadata: metadata as Record<string, string> };
}
