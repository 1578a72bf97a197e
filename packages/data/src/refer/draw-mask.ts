import { decodeRunLengths, polygonRunLengths, type RunLengths, uniteRunLengths } from '@refclip/formats';
import { checkShape } from '../convert/check-shape.js';
import type { ProblemList } from '../convert/problem-list.js';
import type { ReferOutline } from './convert-refer.js';
import { segmentationSchema } from './refer-schemas.js';

/** Outlines stay near their image; a coordinate beyond so many image sides would only cost time. */
const farthest = 4;

/**
 * The mask of an outline as run lengths: polygons are drawn and united, run lengths taken over.
 *
 * @returns undefined when something was added to the problems.
 */
export function drawMask(
  { segmentation, size }: ReferOutline,
  at: string,
  problems: ProblemList,
): RunLengths | undefined {
  const { width, height } = size;
  const shape = checkShape(segmentationSchema, segmentation, at, problems);
  if (!shape) return undefined;
  const limit = farthest * Math.max(width, height);
  const parts: RunLengths[] = [];
  for (const part of Array.isArray(shape) ? shape : [shape]) {
    if (Array.isArray(part)) {
      if (part.length < 6 || part.length % 2 || part.some((value) => Math.abs(value) > limit)) {
        problems.add(at, 'segmentation', `is no polygon of three points or more near its image of ${width}×${height}`);
        return undefined;
      }
      parts.push(polygonRunLengths(part, width, height));
      continue;
    }
    const runs = typeof part.counts === 'string' ? decodeRunLengths(part.counts) : part.counts;
    const [rows, columns] = part.size;
    if (!runs || rows !== height || columns !== width || runs.reduce((sum, run) => sum + run, 0) !== width * height) {
      problems.add(at, 'segmentation', `holds no run lengths of ${height}×${width} pixels`);
      return undefined;
    }
    parts.push(runs);
  }
  return parts.reduce((united, part) => uniteRunLengths(united, part));
}
