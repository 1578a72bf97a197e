import { DataFormatError } from '@refclip/structures';
import type { AnnotationFormName } from './annotation-forms.js';

const looked = 1 << 16;

/**
 * The form of an annotation file, from its name and its first bytes.
 *
 * @throws {DataFormatError} when it is none that can be told.
 */
export function detectForm(file: string, bytes: Uint8Array): AnnotationFormName {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, looked))
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const name = file.toLowerCase();
  if (/\.(pth|pt)$/.test(name)) return 'transvg';
  if (/\.(csv|tsv)$/.test(name)) return /^[^\n]*\bimg_id\b/.test(start) ? 'realgin' : 'csv';
  if (/\.(jsonl|ndjson)$/.test(name)) return /^\s*\{[^\n]*"(referring|grounding)"\s*:/.test(start) ? 'odvg' : 'jsonl';
  if (/^\s*\{/.test(start)) {
    // The keys of the two other forms stand at the top, so they end a file or begin it; both ends are looked at.
    const end = Buffer.from(bytes.subarray(Math.max(0, bytes.length - looked))).toString('latin1');
    if (/"refexps"\s*:/.test(start + end) || /"refexp_id"\s*:/.test(start + end)) return 'google';
    if (/"image_id"\s*:|"file_name"\s*:/.test(start + end)) return 'coco';
    if (/^\s*\{\s*\}|"refs"\s*:|:\s*\[\s*(\{|\])/.test(start)) return 'simrec';
  }
  if (start.trim() === '') throw new DataFormatError({ file }, 'is empty; expected annotations.');
  throw new DataFormatError({ file }, 'is of no known form by its name and beginning. Say the form.');
}
