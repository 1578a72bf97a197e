import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  type FormatTensor,
  float16IntoFloat32,
  float32ToFloat16,
  parseSafetensors,
  writeSafetensors,
} from '@refclip/formats';
import { declareParameters } from '@refclip/nn';
import { type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { computeLetterbox, DataFormatError, FileError, type Letterbox, UsageError } from '@refclip/structures';
import type * as tf from '@tensorflow/tfjs';
import type { ReferringModel } from '../model/referring-model.js';

/** What the frozen part of a model made of one image, and how the image lay in the network's input. */
export interface CachedImage {
  readonly outputs: NamedHostTensors;
  readonly letterbox: Letterbox;
}

/** What the frozen part of a model made of several images, one after the other. B images. */
export interface CachedBatch {
  /** `[B, …]`, as the model reads them. */
  readonly inputs: NamedHostTensors;
  /** `[B]` */
  readonly letterboxes: readonly Letterbox[];
}

/** Where and how outputs are kept. */
export interface FrozenOutputCacheOptions {
  readonly directory: string;
  /** With a frozen part. */
  readonly model: ReferringModel;
  /** The model's tensors; those of the frozen part are in the cache's key. */
  readonly values: NamedHostTensors;
  /** How feature maps are kept; `boxes` always as float32, since their order decides which anchors are kept. Default `float16`. */
  readonly precision?: 'float16' | 'float32';
  /** Bytes of entries that stay in memory. Default 1 GiB. */
  readonly memory?: number;
}

/** Raised when equal images begin to give other outputs, or entries are written in another way. */
const entryVersion = 4;

/**
 * Outputs of a model's frozen part on disk, one file per image, under a folder named by the part's weights and the preprocessing. Files are written whole
 * or not at all and checked when they are read, so several processes may fill one cache. An image is known by a name of the caller's: it must change when
 * the image does.
 */
export class FrozenOutputCache {
  /** Folder of this key. */
  readonly path: string;
  readonly #model: ReferringModel;
  readonly #precision: 'float16' | 'float32';
  readonly #memory = new Map<string, CachedFile>();
  #room: number;

  private constructor(path: string, { model, precision = 'float16', memory = 2 ** 30 }: FrozenOutputCacheOptions) {
    this.path = path;
    this.#model = model;
    this.#precision = precision;
    this.#room = memory;
  }

  /** @throws {UsageError} for a model without a frozen part. */
  static async open(options: FrozenOutputCacheOptions): Promise<FrozenOutputCache> {
    const path = join(options.directory, cacheKey(options));
    await mkdir(path, { recursive: true });
    return new FrozenOutputCache(path, options);
  }

  /** Bytes that an entry takes on disk, about. */
  get entryBytes(): number {
    const specs = Object.entries(this.#model.imageInputs(1));
    const bytes = specs.map(([name, { shape }]) =>
      shape.reduce((product, d) => product * d, this.#halves(name) ? 2 : 4),
    );
    return bytes.reduce((sum, size) => sum + size, 512);
  }

  /** Whether an image is there. Its content is checked when it is read. */
  async has(image: number | string): Promise<boolean> {
    if (this.#memory.has(String(image))) return true;
    return await access(this.#file(image)).then(
      () => true,
      () => false,
    );
  }

  /** Writes an entry; one that is there is replaced. */
  async write(image: number | string, outputs: NamedHostTensors, letterbox: Letterbox): Promise<void> {
    const tensors = Object.fromEntries(
      Object.entries(outputs).map(([name, { data, shape }]): [string, FormatTensor] => {
        const floats = data as Float32Array;
        return [
          name,
          this.#halves(name)
            ? { shape, dtype: 'F16', data: float32ToFloat16(floats) }
            : { shape, dtype: 'F32', data: floats },
        ];
      }),
    );
    const { imageWidth: width, imageHeight: height } = letterbox;
    const metadata = { width: String(width), height: String(height), check: checksum(tensors, width, height) };
    await writeSafetensors(this.#file(image), tensors, metadata);
    this.#remember(image, { tensors, width, height });
  }

  /**
   * @throws {DataFormatError} when the entry is damaged: delete the file named in the message.
   * @throws {FileError} when it is not there.
   */
  async read(image: number | string): Promise<CachedImage> {
    const { inputs, letterboxes } = await this.readBatch([image]);
    const outputs = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, shape }]) => [name, hostTensor(data, shape.slice(1))]),
    );
    return { outputs, letterbox: letterboxes[0] as Letterbox };
  }

  /**
   * Several images as one batch, decoded into place.
   *
   * @param into  of {@link FrozenOutputCache.batchMemory} for as many images: overwritten, and given back as `inputs`. Default new memory.
   * @throws as {@link FrozenOutputCache.read}.
   */
  async readBatch(
    images: readonly (number | string)[],
    into: NamedHostTensors = this.batchMemory(images.length),
  ): Promise<CachedBatch> {
    const entries = images.map((image) => this.#memory.get(String(image)) ?? this.#load(image));
    entries.forEach(({ tensors }, at) => {
      for (const [name, { data: target, shape }] of Object.entries(into)) {
        const size = target.length / (shape[0] as number);
        const place = (target as Float32Array).subarray(at * size, (at + 1) * size);
        const { data } = tensors[name] as FormatTensor;
        if (data instanceof Uint16Array) float16IntoFloat32(data, place);
        else place.set(data as Float32Array);
      }
    });
    const { inputSize } = this.#model;
    return {
      inputs: into,
      letterboxes: entries.map(({ width, height }) => computeLetterbox(width, height, inputSize)),
    };
  }

  /** Memory for a batch of so many images. */
  batchMemory(images: number): NamedHostTensors {
    const specs = Object.entries(this.#model.imageInputs(images));
    return Object.fromEntries(
      specs.map(([name, { shape }]) => {
        const size = shape.reduce((product, dimension) => product * dimension, 1);
        return [name, hostTensor(new Float32Array(size), shape)];
      }),
    );
  }

  #load(image: number | string): CachedFile {
    const file = this.#file(image);
    const { tensors, metadata } = parseSafetensors(readWhole(file), file);
    const specs = Object.entries(this.#model.imageInputs(1));
    const fits = specs.every(([name, { shape }]) => tensors[name]?.shape.join() === shape.slice(1).join());
    const [width, height] = [Number(metadata.width), Number(metadata.height)];
    if (!fits || metadata.check !== checksum(tensors, width, height)) {
      throw new DataFormatError(
        { file },
        'the cached output of the frozen part is damaged. Fill the cache again, which replaces damaged entries, or delete this file.',
      );
    }
    const entry = { tensors, width, height };
    this.#remember(image, entry);
    return entry;
  }

  #halves(name: string): boolean {
    return this.#precision === 'float16' && name !== 'boxes';
  }

  #remember(image: number | string, entry: CachedFile): void {
    const bytes = Object.values(entry.tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
    if (bytes > this.#room || this.#memory.has(String(image))) return;
    this.#room -= bytes;
    this.#memory.set(String(image), entry);
  }

  #file(image: number | string): string {
    // A name may be a path: its hash is none.
    const name =
      typeof image === 'number' ? String(image) : createHash('sha256').update(image).digest('hex').slice(0, 32);
    return join(this.path, `${name}.safetensors`);
  }
}

interface CachedFile {
  readonly tensors: Readonly<Record<string, FormatTensor>>;
  readonly width: number;
  readonly height: number;
}

/** At once, not by turns of the event loop: programs block that loop anyway, and four turns for each of a batch's entries cost more than reading them. */
function readWhole(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new FileError(file, `cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`, { cause });
  }
}

function cacheKey({ model, values, precision = 'float16' }: FrozenOutputCacheOptions): string {
  const { frozenOutputs, inputSize, frozenKey = '' } = model;
  if (!frozenOutputs) {
    throw new UsageError(`FrozenOutputCache: the model ${model.name} has no frozen part; its images cannot be cached.`);
  }
  const { parameters } = declareParameters(
    (scope, { images }) => frozenOutputs(scope.frozen(), images as tf.Tensor4D),
    { images: { shape: [1, inputSize, inputSize, 3], dtype: 'uint8' } },
  );
  const hash = createHash('sha256').update(JSON.stringify([entryVersion, inputSize, frozenKey, precision]));
  for (const { name } of parameters) {
    hash.update(name);
    updateWithData(hash, (values[name] as HostTensor).data);
  }
  return hash.digest('hex').slice(0, 24);
}

/** Against damage, at a third of the time of a cryptographic digest. */
function checksum(tensors: Readonly<Record<string, FormatTensor>>, width: number, height: number): string {
  let sum = crc32(`${width}x${height}`);
  for (const name of Object.keys(tensors).sort()) {
    const { data, shape } = tensors[name] as FormatTensor;
    sum = crc32(`${name}[${shape.join()}]`, sum);
    sum = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), sum);
  }
  return sum.toString(16);
}

function updateWithData(hash: Hash, { buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): void {
  hash.update(new Uint8Array(buffer, byteOffset, byteLength));
}
