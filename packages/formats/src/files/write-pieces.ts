import { writeWholeFile } from '@refclip/furniture';

/**
 * Writes a file from pieces, beside its place and then renamed: either the whole file is there, on the disk, or what was before. Its folder is created.
 *
 * @throws {FileError} when the folder or the file cannot be written. An error of the pieces passes through; nothing is left behind.
 */
export async function writePieces(file: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  await writeWholeFile(file, pieces);
}
