import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '@refclip/structures';
import type { FormatTensor } from '../tensors/format-tensor.js';
import { encodeSafetensors } from './encode-safetensors.js';
import { parseSafetensors, type SafetensorsFile } from './parse-safetensors.js';

/**
 * Reads a safetensors file.
 *
 * @throws {FileError} when it cannot be read; {DataFormatError} when its content is wrong.
 */
export async function readSafetensors(file: string): Promise<SafetensorsFile> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new FileError(file, `cannot be read (${cause.code}). Check the path.`, { cause });
  });
  return parseSafetensors(bytes, file);
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
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, encodeSafetensors(tensors, metadata));
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new FileError(file, `cannot be written (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
}
