import { DataFormatError } from '@refclip/structures';
import type { LabelHeader } from './label-header.js';
import { readLabelLines } from './label-lines.js';
import type { LabelEntry } from './pseudo-label.js';

/** The header of a label file. @throws {FileError}, {DataFormatError} as {@link readLabels}. */
export async function readLabelHeader(file: string): Promise<LabelHeader> {
  for await (const line of readLabelLines(file)) if (line.kind === 'header') return line.header;
  throw new DataFormatError({ file }, 'has no header; expected a label file.');
}

/**
 * The images of a finished label file, in its order, a chunk at a time.
 *
 * @throws {FileError} when it cannot be read; {DataFormatError} when it is damaged or not finished.
 */
export async function* readLabels(file: string): AsyncGenerator<LabelEntry> {
  let finished = false;
  for await (const line of readLabelLines(file)) {
    if (line.kind === 'chunk') yield* line.entries;
    finished = line.kind === 'end';
  }
  if (!finished) throw new DataFormatError({ file }, 'is not finished. Go on with the labelling: --resume.');
}
