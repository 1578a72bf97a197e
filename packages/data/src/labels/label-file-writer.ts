import { createHash, type Hash } from 'node:crypto';
import { access, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFailure } from '@refclip/furniture';
import { FileError, UsageError } from '@refclip/structures';
import { chunksOf, headerDifferences, type LabelHeader } from './label-header.js';
import { readLabelLines, sha256Of } from './label-lines.js';
import { isLabeled, type LabelEntry } from './pseudo-label.js';

/**
 * Writes a label file a chunk at a time: a header, the chunks of its plan in ascending order, an end.
 *
 * Until it is finished the file is called `<file>.partial`. A program that was killed at any moment opens it again with `resume` and goes on after the last whole
 * chunk; since a chunk depends on nothing but the plan, the finished file has the bytes of an uninterrupted run. Of two programs that write one file, the one that
 * is later with a chunk fails.
 */
export class LabelFileWriter {
  readonly file: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash;
  readonly #todo: number[];
  #images: number;
  #labels: number;
  /** Bytes that the file must have, unless somebody else writes it too. */
  #size: number;

  private constructor(
    file: string,
    handle: FileHandle,
    hash: Hash,
    todo: number[],
    { images, labels, size }: { images: number; labels: number; size: number },
  ) {
    this.file = file;
    this.#handle = handle;
    this.#hash = hash;
    this.#todo = todo;
    this.#images = images;
    this.#labels = labels;
    this.#size = size;
  }

  /**
   * Starts a file, or goes on with one.
   *
   * @param mode  `new`: there must be none; `resume`: goes on with what is there, if anything; `replace`: starts anew whatever is there.
   * @returns the writer, or `finished` when all of the file is there already.
   * @throws {UsageError} when there is a file and must be none, or when it has another header: all differences are listed.
   * @throws {DataFormatError} when what is there is damaged; {FileError} when it cannot be written.
   */
  static async open(
    file: string,
    header: LabelHeader,
    mode: 'new' | 'resume' | 'replace',
  ): Promise<LabelFileWriter | 'finished'> {
    const partial = `${file}.partial`;
    const finished = mode !== 'replace' && (await exists(file));
    if (mode === 'new' && (finished || (await exists(partial)))) {
      throw new UsageError(
        `${file}: there are ${finished ? 'finished' : 'unfinished'} labels. Go on with --resume, or choose another folder.`,
      );
    }
    if (finished) {
      for await (const line of readLabelLines(file)) {
        if (line.kind === 'header') assertSameHeader(file, line.header, header);
        break;
      }
      return 'finished';
    }
    const hash = createHash('sha256');
    const todo = chunksOf(header);
    const first = `${JSON.stringify(header)}\n`;
    let [images, labels, size] = [0, 0, 0];
    if (mode === 'resume' && (await hasLine(partial))) {
      for await (const line of readLabelLines(partial)) {
        if (line.kind === 'header') {
          assertSameHeader(file, line.header, header);
          hash.update(first);
        } else if (line.kind === 'chunk') {
          if (line.chunk !== todo.shift()) throw new UsageError(`${partial}: its chunks are out of order. Delete it.`);
          hash.update(line.bytes);
          [images, labels] = [images + line.entries.length, labels + countLabels(line.entries)];
        } else break;
        size = line.offset;
      }
    }
    try {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(partial, 'a');
      await handle.truncate(size);
      const writer = new LabelFileWriter(file, handle, hash, todo, { images, labels, size });
      if (size === 0) await writer.#append(first);
      return writer;
    } catch (cause) {
      throw writeFailure(file, cause);
    }
  }

  /** Chunks that are still to be written, ascending. */
  get todo(): readonly number[] {
    return this.#todo;
  }

  /** Appends the next chunk. It counts as written once it is on the disk. */
  async append(chunk: number, entries: readonly LabelEntry[]): Promise<void> {
    if (chunk !== this.#todo.shift()) throw new Error(`internal: chunk ${chunk} is not the next one`);
    const content = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    await this.#append(`${content}${JSON.stringify({ chunk, sha256: sha256Of(Buffer.from(content)) })}\n`);
    this.#images += entries.length;
    this.#labels += countLabels(entries);
  }

  /** Writes the end and gives the file its name. */
  async finish(): Promise<void> {
    if (this.#todo.length) throw new Error(`internal: ${this.#todo.length} chunks are missing`);
    const end = { images: this.#images, labels: this.#labels, sha256: this.#hash.digest('hex') };
    await this.#write(`${JSON.stringify({ end })}\n`);
    await this.#handle.close();
    await rename(`${this.file}.partial`, this.file);
  }

  /** Closes the file as it is, to be resumed. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #append(text: string): Promise<void> {
    this.#hash.update(text);
    await this.#write(text);
  }

  async #write(text: string): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size !== this.#size) {
      throw new FileError(
        this.file,
        `another program writes it too: it has ${size} bytes, not ${this.#size}. Let that one finish, or stop it and repeat with --resume`,
      );
    }
    try {
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
      this.#size += Buffer.byteLength(text);
    } catch (cause) {
      throw writeFailure(this.file, cause);
    }
  }
}

function countLabels(entries: readonly LabelEntry[]): number {
  return entries.reduce((sum, entry) => sum + (isLabeled(entry) ? entry.labels.length : 0), 0);
}

function assertSameHeader(file: string, there: LabelHeader, wanted: LabelHeader): void {
  const problems = headerDifferences(there, wanted);
  const [a, b] = [JSON.stringify(there.shard), JSON.stringify(wanted.shard)];
  if (a !== b) problems.push(`shard: ${a}, ${b}`);
  if (!problems.length) return;
  const lines = problems.map((problem) => `\n  ${problem}`).join('');
  throw new UsageError(
    `${file}: the labels there were begun differently (there, now):${lines}\nRepeat the old settings, or choose another folder.`,
  );
}

/** Whether a file has one whole line: less than that is a start that never was. */
async function hasLine(file: string): Promise<boolean> {
  if (!(await exists(file))) return false;
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1 << 20), 0, 1 << 20, 0);
    return buffer.subarray(0, bytesRead).includes(0x0a);
  } finally {
    await handle.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
