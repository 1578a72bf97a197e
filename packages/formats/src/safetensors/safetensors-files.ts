import { openBytes } from '../bytes/open-bytes.js';
import { writePieces } from '../files/write-pieces.js';
import type { FormatTensor } from '../tensors/format-tensor.js';
import { safetensorsPieces } from './encode-safetensors.js';
import { parseSafetensors, type SafetensorsFile } from './parse-safetensors.js';

/**
 * Reads a safetensors file.
 *
 * @throws {FileError} when it cannot be read; {DataFormatError} when its content is wrong.
 */
export async function readSafetensors(file: string): Promise<SafetensorsFile> {
  const source = await openBytes(file);
  try {
    return parseSafetensors(await source.read(0, source.size), file);
  } finally {
    await source.close();
  }
}

/**
 * Writes a safetensors file, whole or not at all; folders are created.
 *
 * @throws {FileError} when it cannot be written.
 */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, FormatTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writePieces(file, safetensorsPieces(tensors, metadata));
}
