import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPickle } from '@refclip/formats';
import { FileError, UsageError } from '@refclip/structures';
import { parseJson } from '../convert/parse-json.js';
import { convertRefer, type ReferConversion } from './convert-refer.js';
import { describeReferDatasets, referSplitRules } from './refer-datasets.js';
import { withoutOutlines } from './without-outlines.js';

export interface ReadReferOptions {
  /** `refcoco`, `refcoco+`, `refcocog` or `refclef`. */
  readonly dataset: string;
  /** `unc`, `google`, `umd` or `berkeley`: the name in `refs(<split by>).p`. */
  readonly splitBy: string;
  /** Whether outlines of objects are read, from which masks are drawn: nine tenths of the file and of the memory. Default true. */
  readonly outlines?: boolean | undefined;
  /** Called before a file is parsed. */
  readonly onRead?: ((file: string, bytes: number) => void) | undefined;
}

/**
 * Reads a REFER data set: `refs(<split by>).p` and `instances.json` in a folder, or in the folder of the data set's name below it.
 *
 * @throws {FileError} when one of them cannot be read.
 * @throws {DataFormatError} naming file and place of everything that does not fit.
 * @throws {UsageError} for a data set or a way of splitting that does not exist.
 */
export async function readRefer(
  folder: string,
  { dataset, splitBy, outlines = true, onRead }: ReadReferOptions,
): Promise<ReferConversion> {
  if (!referSplitRules(dataset, splitBy))
    throw new UsageError(`there is no data set ${dataset} split by ${splitBy}; expected ${describeReferDatasets()}.`);
  const refsName = `refs(${splitBy}).p`;
  const inner = join(folder, dataset);
  const directory = (await exists(join(folder, refsName))) || !(await exists(join(inner, refsName))) ? folder : inner;
  const refsFile = join(directory, refsName);
  const instancesFile = join(directory, 'instances.json');
  const refs = readPickle(await readBytes(refsFile, onRead), refsFile);
  const bytes = await readBytes(instancesFile, onRead);
  const instances = outlines ? parseJson(bytes, instancesFile) : parseWithoutOutlines(bytes, instancesFile);
  return convertRefer({ refs, refsFile, instances, instancesFile, dataset, splitBy });
}

function parseWithoutOutlines(bytes: Uint8Array, file: string): unknown {
  try {
    return parseJson(withoutOutlines(bytes), file);
  } catch {
    // The error again, with the line and column of the whole file.
    return parseJson(bytes, file);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function readBytes(file: string, onRead: ReadReferOptions['onRead']): Promise<Uint8Array> {
  try {
    const bytes = await readFile(file);
    onRead?.(file, bytes.length);
    return bytes;
  } catch (cause) {
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  }
}
