import { join } from 'node:path';
import { encodeRunLengths, type RunLengths, writePieces } from '@refclip/formats';
import { ProblemList } from '../convert/problem-list.js';
import type { ReferOutline } from './convert-refer.js';
import { drawMask } from './draw-mask.js';

export interface WriteMasksOptions {
  /** `rle`: one `masks.json`, ref id → `{size: [height, width], counts}` of COCO; `npy`: `<ref id>.npy`, uint8 `[height, width]` of 0 and 1. */
  readonly format: 'rle' | 'npy';
  readonly onProgress?: (done: number, total: number) => void;
}

/** So many masks are drawn before others may run. */
const batch = 500;

/**
 * Writes the masks of a REFER data set into a folder, which is made.
 *
 * The official script adds the polygons of an object up, so that overlapping ones count twice; here a pixel is 0 or 1.
 *
 * @returns how many masks were written.
 * @throws {DataFormatError} naming every ref whose outline is no outline; then nothing is written as `masks.json`.
 */
export async function writeMasks(
  directory: string,
  outlines: ReadonlyMap<number, ReferOutline>,
  { format, onProgress }: WriteMasksOptions,
): Promise<number> {
  const problems = new ProblemList('instances.json');
  const pieces: string[] = [];
  let done = 0;
  for (const [ref, outline] of outlines) {
    const runs = drawMask(outline, `ref ${ref}`, problems);
    const { width, height } = outline.size;
    if (runs && format === 'rle')
      pieces.push(`"${ref}": ${JSON.stringify({ size: [height, width], counts: encodeRunLengths(runs) })}`);
    if (runs && format === 'npy') await writePieces(join(directory, `${ref}.npy`), npyPieces(runs, width, height));
    if (++done % batch === 0) {
      onProgress?.(done, outlines.size);
      await new Promise(setImmediate);
    }
  }
  problems.throwIfAny();
  if (format === 'rle') await writePieces(join(directory, 'masks.json'), ['{\n', pieces.join(',\n'), '\n}\n']);
  return done;
}

/** NumPy's file of a uint8 array in row order. */
function npyPieces(runs: RunLengths, width: number, height: number): Uint8Array[] {
  const pixels = new Uint8Array(width * height);
  let at = 0;
  runs.forEach((run, index) => {
    const end = at + run;
    // Run lengths go down the columns, the file along the rows.
    if (index % 2) for (let i = at; i < end; i++) pixels[(i % height) * width + Math.floor(i / height)] = 1;
    at = end;
  });
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11);
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  prefix.writeUInt16LE(header.length + 1, 8);
  return [prefix, Buffer.from(`${header}\n`, 'latin1'), pixels];
}
