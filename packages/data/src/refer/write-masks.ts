import { join } from 'node:path';
import { encodeRunLengths, writePieces } from '@refclip/formats';
import { ProblemList } from '../convert/problem-list.js';
import type { ReferOutline } from './convert-refer.js';
import { drawMask } from './draw-mask.js';
import { npyPieces } from './npy-pieces.js';

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
