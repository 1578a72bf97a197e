import { DataFormatError } from '@refclip/structures';
import { parseJson } from '../predictions/parse-json.js';
import { readArray, readId } from '../predictions/read-field.js';

/**
 * A list of ids to leave out, such as the wrongly labeled expressions that a cleaned subset drops: a JSON list of ids, or one id per
 * line with `#` for remarks.
 *
 * @throws {DataFormatError} when there is no id in it.
 */
export function parseExclusions(text: string, file = 'exclusions'): ReadonlySet<string> {
  const ids = text.trimStart().startsWith('[')
    ? readArray(parseJson(text, file), { file, record: '(top)' }, '(file)').map((id, i) =>
        readId(id, { file, record: String(i) }, '(id)'),
      )
    : text
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim())
        .filter((line) => line !== '');
  if (ids.length === 0) throw new DataFormatError({ file }, 'no ids in it; expected a JSON list or one id per line.');
  return new Set(ids);
}
