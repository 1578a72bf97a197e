import { readAnnotations } from '@refclip/data';
import { readPickle } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { parseJson } from '../predictions/parse-json.js';
import { type Instances, parseInstances } from '../truth/parse-instances.js';
import { parseReferTruth } from '../truth/parse-refer-truth.js';
import { parseSimrecTruth, type TruthOptions } from '../truth/parse-simrec-truth.js';
import { truthOfRecords } from '../truth/truth-of-records.js';
import type { TruthSet } from '../truth/truth-set.js';
import { readBytes } from './read-bytes.js';
import { readTextFile } from './read-text-file.js';

/** The annotation files that are read, for messages. */
const forms =
  'SimREC JSON (split → records), REFER refs as pickle or JSON with instances.json, CSV with the columns image, expression, box, JSON Lines of ' +
  '{image, expression, box}, and the files of TransVG (.pth), RealGIN (.csv), ODVG (.jsonl), COCO and Google (.json)';

/**
 * Reads annotations: the SimREC form (an object of splits), REFER refs (the pickle itself, or as a JSON list), or any form that `@refclip/data` reads, such as a CSV of
 * one's own. Forms are told apart by name and first bytes.
 *
 * @param options.instances  COCO's `instances.json`; required for refs, which hold no boxes.
 * @throws {DataFormatError} with record and field; for a file of no known form it says which are read. {FileError} when a file cannot be read.
 */
export async function loadTruth(
  file: string,
  options: { readonly split?: string | undefined; readonly instances?: string | undefined } = {},
): Promise<TruthSet> {
  const bytes = await readBytes(file);
  const instances: Instances | undefined =
    options.instances === undefined
      ? undefined
      : parseInstances(parseJson(await readTextFile(options.instances), options.instances), options.instances);
  const common: TruthOptions & { file: string } = { file, split: options.split, instances };
  if (/\.(csv|tsv|jsonl|ndjson|pth|pt)$/i.test(file)) return await loadRecords(file, common);
  if (bytes[0] === 0x80 || /\.(p|pkl|pickle)$/i.test(file)) return parseReferTruth(readPickle(bytes, file), common);
  const text = new TextDecoder().decode(bytes);
  const start = text.slice(0, 1 << 12).trimStart();
  if (start.startsWith('[')) return parseReferTruth(parseJson(text, file), common);
  if (!start.startsWith('{')) {
    const got = start === '' ? 'is empty' : `begins with ${JSON.stringify(start.slice(0, 20))}`;
    throw new DataFormatError({ file }, `${got}, which no annotation file does. Read are: ${forms}.`);
  }
  const json = parseJson(text, file);
  const isOther = typeof json === 'object' && json !== null && ('annotations' in json || 'refexps' in json);
  return isOther ? await loadRecords(file, common) : parseSimrecTruth(json, common);
}

async function loadRecords(file: string, options: TruthOptions): Promise<TruthSet> {
  const { splits } = await readAnnotations(file, { split: undefined });
  return truthOfRecords(splits, { ...options, file });
}
