import { DataFormatError } from '@refclip/structures';
import { parseJson } from '../predictions/parse-json.js';
import { type Instances, parseInstances } from '../truth/parse-instances.js';
import { parseReferTruth } from '../truth/parse-refer-truth.js';
import { parseSimrecTruth } from '../truth/parse-simrec-truth.js';
import type { TruthSet } from '../truth/truth-set.js';
import { readTextFile } from './read-text-file.js';

/**
 * Reads annotations: the SimREC form (an object of splits) or REFER refs as a JSON list, told apart by their outermost bracket.
 *
 * @param options.instances  COCO's `instances.json`; required for refs, which hold no boxes.
 * @throws {DataFormatError} with record and field; for a pickle it says how to turn it into JSON. {FileError} when a file cannot be read.
 */
export async function loadTruth(
  file: string,
  options: { readonly split?: string | undefined; readonly instances?: string | undefined } = {},
): Promise<TruthSet> {
  const text = await readTextFile(file);
  if (!/^\s*[[{]/.test(text)) {
    const problem =
      'is not JSON. Python pickles are not read here; turn refs into JSON with ' +
      `python -c "import json,pickle; json.dump(pickle.load(open('refs.p','rb')), open('refs.json','w'))".`;
    throw new DataFormatError({ file }, problem);
  }
  const json = parseJson(text, file);
  const instances: Instances | undefined =
    options.instances === undefined
      ? undefined
      : parseInstances(parseJson(await readTextFile(options.instances), options.instances), options.instances);
  const common = { file, split: options.split, instances };
  return Array.isArray(json) ? parseReferTruth(json, common) : parseSimrecTruth(json, common);
}
