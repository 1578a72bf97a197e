import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, UsageError } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabelFileWriter } from './label-file-writer.js';
import type { LabelHeader } from './label-header.js';
import { mergeLabels } from './merge-labels.js';
import type { LabelEntry } from './pseudo-label.js';
import { readLabels } from './read-labels.js';

const chunks = 9;
const header: LabelHeader = {
  format: 'refclip-labels-1',
  version: '1.0.0',
  model: { width: 1, classes: 80 },
  weights: { file: 'best.safetensors', sha256: 'a'.repeat(64), notes: {} },
  data: { file: 'own.json', sha256: 'b'.repeat(64), split: 'train', records: 18, expressions: 18, images: 18 },
  configuration: { batchSize: 4 },
  plan: { imagesPerChunk: 2, chunks },
  shard: null,
};

function entriesOf(chunk: number): LabelEntry[] {
  const detection = { box: [1.5, -2, 30, 40] as const, objectness: 0.5, category: chunk };
  const label = {
    record: chunk,
    expression: 0,
    text: 'café\u2028',
    ...detection,
    similarity: -0.25,
    margin: 1,
    rank: 2,
  };
  return [
    { image: chunk, file: `${chunk}.jpg`, width: 64, height: 48, detections: [detection], labels: [label] },
    { image: `x/${chunk}.png`, broken: 'is not there', expressions: 3 },
  ];
}

let folder: string;
let whole: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-labels-'));
  whole = await readFile(await write('whole.jsonl', header));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a file, or what is missing of it. */
async function write(name: string, given: LabelHeader, mode: 'new' | 'resume' = 'new'): Promise<string> {
  const file = join(folder, name);
  const writer = await LabelFileWriter.open(file, given, mode);
  if (writer === 'finished') return file;
  for (const chunk of [...writer.todo]) await writer.append(chunk, entriesOf(chunk));
  await writer.finish();
  return file;
}

async function shards(count: number, given: LabelHeader = header): Promise<string[]> {
  const indices = Array.from({ length: count }, (_, at) => at + 1);
  const tag = JSON.stringify(given.configuration).length;
  return Promise.all(
    indices.map((index) => write(`${tag}-${index}-of-${count}.jsonl`, { ...given, shard: { index, count } }, 'resume')),
  );
}

async function collect(file: string): Promise<LabelEntry[]> {
  const entries: LabelEntry[] = [];
  for await (const entry of readLabels(file)) entries.push(entry);
  return entries;
}

describe('a label file', () => {
  it('is written by one program: of two the later one fails, and the file has the same bytes', async () => {
    const file = join(folder, 'both.jsonl');
    const one = await LabelFileWriter.open(file, header, 'new');
    if (one === 'finished') throw new Error('it is not there yet');
    await one.append(0, entriesOf(0));
    const other = await LabelFileWriter.open(file, header, 'resume');
    if (other === 'finished') throw new Error('it has one chunk');
    expect(other.todo).toEqual(one.todo);
    await one.append(1, entriesOf(1));
    await expect(other.append(1, entriesOf(1))).rejects.toThrow(/another program writes it too/);
    await other.close();
    for (const chunk of [...one.todo]) await one.append(chunk, entriesOf(chunk));
    await one.finish();
    expect(await readFile(file)).toEqual(whole);
  });

  it('gives back what was written', async () => {
    const all = Array.from({ length: chunks }, (_, chunk) => entriesOf(chunk)).flat();
    expect(await collect(join(folder, 'whole.jsonl'))).toEqual(all);
  });

  it('has the same bytes when it was cut anywhere and gone on with', async () => {
    for (let size = 0; size <= whole.length; size += 97) {
      const name = `cut-${size}.jsonl`;
      await writeFile(join(folder, `${name}.partial`), whole.subarray(0, size));
      expect(await readFile(await write(name, header, 'resume')), `cut at ${size}`).toEqual(whole);
    }
  });

  it('is not gone on with under another header, whose differences are all named', async () => {
    const other = {
      ...header,
      configuration: { batchSize: 8 },
      weights: { ...header.weights, sha256: 'c'.repeat(64) },
    };
    for (const name of ['whole.jsonl', 'begun.jsonl']) {
      if (name === 'begun.jsonl') await writeFile(join(folder, `${name}.partial`), whole.subarray(0, 3000));
      const error = await LabelFileWriter.open(join(folder, name), other, 'resume').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toMatch(/weights\.sha256: "a+", "c+"[\s\S]*configuration\.batchSize: 4, 8/);
    }
  });

  it('is not written over without being asked to', async () => {
    await expect(LabelFileWriter.open(join(folder, 'whole.jsonl'), header, 'new')).rejects.toThrow('--resume');
  });

  it('is refused when a byte of it changed, or its end is missing', async () => {
    const file = join(folder, 'damaged.jsonl');
    for (let at = 10; at < whole.length; at += 211) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] as number) ^ 1;
      await writeFile(file, bytes);
      await expect(collect(file), `byte ${at}`).rejects.toBeInstanceOf(DataFormatError);
    }
    await writeFile(file, whole.subarray(0, whole.length - 1));
    await expect(collect(file)).rejects.toThrow('not finished');
  });
});

describe('merging', () => {
  it.each([1, 2, 7])('%i shards have the bytes of the whole', async (count) => {
    const output = join(folder, `merged-${count}.jsonl`);
    const files = await shards(count);
    expect(await mergeLabels(files.reverse(), output)).toEqual(header);
    expect(await readFile(output)).toEqual(whole);
  });

  it('names every missing, doubled, foreign and whole file at once, and writes nothing', async () => {
    const [one, two, three] = (await shards(3)) as [string, string, string];
    const [foreign] = (await shards(3, { ...header, configuration: { batchSize: 16 } })) as [string];
    const output = join(folder, 'none.jsonl');
    const merge = (files: string[]) => mergeLabels(files, output).catch((error: Error) => error.message);
    expect(await merge([one, three])).toContain('shard 2 of 3 is missing');
    expect(await merge([one, one, two, three])).toMatch(/are both shard 1/);
    expect(await merge([one, two, three, foreign])).toContain('configuration.batchSize: 4, 16');
    expect(await merge([join(folder, 'whole.jsonl')])).toContain('holds all labels');
    const [half] = (await shards(2)) as [string];
    expect(await merge([one, half])).toMatch(/one of 2 shards[\s\S]*shard 2 of 3 is missing[\s\S]*shard 3 of 3/);
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });

  it('refuses a shard that is not finished', async () => {
    const [one, two] = (await shards(2)) as [string, string];
    const bytes = await readFile(two);
    const cut = join(folder, 'cut.jsonl');
    await writeFile(cut, bytes.subarray(0, bytes.length - 20));
    await expect(mergeLabels([one, cut], join(folder, 'none.jsonl'))).rejects.toThrow(/not finished|is missing/);
  });
});
