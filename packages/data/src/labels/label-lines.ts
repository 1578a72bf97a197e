import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DataFormatError, FileError } from '@refclip/structures';
import { z } from 'zod';
import { checkShape } from '../convert/check-shape.js';
import { ProblemList } from '../convert/problem-list.js';
import { imageSchema, pixelsSchema } from '../convert/record-schemas.js';
import { type LabelHeader, labelHeaderSchema } from './label-header.js';
import type { LabelEntry } from './pseudo-label.js';

const count = z.int().nonnegative();
const number = z.number();
const detection = z.strictObject({
  box: z.tuple([number, number, number, number]),
  objectness: number,
  category: count,
});
const label = detection.extend({
  record: count,
  expression: count,
  text: z.string(),
  similarity: number,
  margin: number,
  rank: z.int().positive(),
});
const entrySchema = z.union([
  z.strictObject({
    image: imageSchema,
    file: z.string(),
    width: pixelsSchema,
    height: pixelsSchema,
    detections: z.array(detection),
    labels: z.array(label),
  }),
  z.strictObject({ image: imageSchema, broken: z.string(), expressions: count }),
]);
const chunkEndSchema = z.strictObject({ chunk: count, sha256: z.string() });
const fileEndSchema = z.strictObject({ end: z.strictObject({ images: count, labels: count, sha256: z.string() }) });

/** The most that a line may hold: an image with tens of thousands of expressions. */
const longestLine = 1 << 26;

/** What a label file says, in order; `offset` is the place behind it, in bytes. */
export type LabelLine =
  | { readonly kind: 'header'; readonly header: LabelHeader; readonly offset: number }
  | {
      readonly kind: 'chunk';
      readonly chunk: number;
      readonly entries: readonly LabelEntry[];
      readonly bytes: Buffer;
      readonly offset: number;
    }
  | { readonly kind: 'end'; readonly images: number; readonly labels: number; readonly offset: number };

/**
 * Reads a label file, finished or not, a chunk at a time. What comes after the last whole chunk is left out: an interrupted program was writing it.
 *
 * @throws {FileError} when it cannot be read; {DataFormatError} when its beginning is no label file's, or a whole chunk is damaged.
 */
export async function* readLabelLines(file: string): AsyncGenerator<LabelLine> {
  const whole = createHash('sha256');
  let started = false;
  let lines: Buffer[] = [];
  let entries: LabelEntry[] = [];
  for await (const { bytes, number: line, offset } of linesOfFile(file)) {
    const at = `line ${line}`;
    const parsed = parseLine(bytes);
    if (!started) {
      const problems = new ProblemList(file);
      checkShape(labelHeaderSchema, parsed, at, problems);
      problems.throwIfAny();
      started = true;
      whole.update(bytes);
      // Values stay as the file has them, keys in their order, so that they can be written again byte for byte.
      yield { kind: 'header', header: parsed as LabelHeader, offset };
      continue;
    }
    const last = fileEndSchema.safeParse(parsed);
    if (last.success) {
      const { sha256, ...end } = last.data.end;
      if (lines.length || sha256 !== whole.digest('hex'))
        throw new DataFormatError({ file, record: at }, 'the end does not fit what comes before. Label again.');
      yield { kind: 'end', ...end, offset };
      return;
    }
    const end = chunkEndSchema.safeParse(parsed);
    if (!end.success) {
      lines.push(bytes);
      if (entrySchema.safeParse(parsed).success) entries.push(parsed as LabelEntry);
      continue;
    }
    const content = Buffer.concat(lines);
    if (entries.length !== lines.length || sha256Of(content) !== end.data.sha256)
      throw new DataFormatError({ file, record: at }, `chunk ${end.data.chunk} is damaged. Label again.`);
    whole.update(content).update(bytes);
    yield { kind: 'chunk', chunk: end.data.chunk, entries, bytes: Buffer.concat([content, bytes]), offset };
    [lines, entries] = [[], []];
  }
  if (!started) throw new DataFormatError({ file }, 'is empty; expected a label file.');
}

/** Digest in hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parseLine(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Whole lines with their line feed; a last one without is left out. */
async function* linesOfFile(file: string): AsyncGenerator<{ bytes: Buffer; number: number; offset: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let [number, offset] = [0, 0];
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
      let bytes = rest.length ? Buffer.concat([rest, piece as Buffer]) : (piece as Buffer);
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a)) {
        offset += end + 1;
        yield { bytes: bytes.subarray(0, end + 1), number: ++number, offset };
        bytes = bytes.subarray(end + 1);
      }
      if (bytes.length > longestLine)
        throw new DataFormatError({ file, record: `line ${number + 1}` }, `is longer than ${longestLine} bytes.`);
      rest = bytes;
    }
  } catch (cause) {
    if (cause instanceof DataFormatError) throw cause;
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  }
}
