import { UsageError } from '@refclip/structures';
import { LabelFileWriter } from './label-file-writer.js';
import { headerDifferences, type LabelHeader } from './label-header.js';
import { type LabelLine, readLabelLines } from './label-lines.js';
import { readLabelHeader } from './read-labels.js';

/**
 * Joins the label files of all shards; the result has the bytes that one run without shards writes.
 *
 * @param output  label file to write; replaced when it is there.
 * @returns the header of the whole.
 * @throws {UsageError} listing everything that does not belong together: missing, doubled and foreign shards.
 * @throws {FileError} or {DataFormatError} when a file cannot be read, is damaged or not finished.
 */
export async function mergeLabels(files: readonly string[], output: string): Promise<LabelHeader> {
  const shards = await Promise.all(files.map(async (file) => ({ file, header: await readLabelHeader(file) })));
  const [first] = shards;
  if (!first) throw new UsageError('there are no label files to merge.');
  const problems: string[] = [];
  const count = first.header.shard?.count ?? 1;
  const byIndex = new Map<number, string>();
  for (const { file, header } of shards) {
    problems.push(...headerDifferences(first.header, header).map((text) => `${file} is of other labels: ${text}`));
    if (!header.shard) problems.push(`${file} is no shard: it holds all labels`);
    else if (header.shard.count !== count)
      problems.push(`${file} is one of ${header.shard.count} shards, ${first.file} one of ${count}`);
    else if (byIndex.has(header.shard.index))
      problems.push(`${file} and ${byIndex.get(header.shard.index)} are both shard ${header.shard.index}`);
    else byIndex.set(header.shard.index, file);
  }
  for (let index = 1; index <= count; index++)
    if (!byIndex.has(index)) problems.push(`shard ${index} of ${count} is missing`);
  if (problems.length)
    throw new UsageError(`these shards do not make a whole:${problems.map((problem) => `\n  ${problem}`).join('')}`);

  const header: LabelHeader = { ...first.header, shard: null };
  const writer = await LabelFileWriter.open(output, header, 'replace');
  if (writer === 'finished') throw new Error('internal: a replaced label file cannot be finished');
  const readers = Array.from({ length: count }, (_, at) => chunksOfFile(byIndex.get(at + 1) as string));
  try {
    for (const chunk of [...writer.todo]) {
      const file = byIndex.get((chunk % count) + 1) as string;
      const { value } = await (readers[chunk % count] as ReturnType<typeof chunksOfFile>).next();
      if (value?.chunk !== chunk) throw new UsageError(`${file}: chunk ${chunk} is missing. Label the shard again.`);
      await writer.append(chunk, value.entries);
    }
    // Each reader goes to the end of its file, where the digest of the whole is compared.
    for (const [at, reader] of readers.entries()) {
      if (!(await reader.next()).done) throw new UsageError(`${byIndex.get(at + 1)}: holds chunks of another shard.`);
    }
  } catch (error) {
    await writer.close();
    throw error;
  }
  await writer.finish();
  return header;
}

async function* chunksOfFile(file: string): AsyncGenerator<Extract<LabelLine, { kind: 'chunk' }>> {
  let finished = false;
  for await (const line of readLabelLines(file)) {
    if (line.kind === 'chunk') yield line;
    finished = line.kind === 'end';
  }
  if (!finished) throw new UsageError(`${file}: is not finished. Go on with the labelling of this shard: --resume.`);
}
