import { createHash } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FormatTensor, float32ToFloat16, readSafetensors, toFloat32, writeSafetensors } from '@refclip/formats';
import { type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { computeLetterbox, DataFormatError, type Letterbox } from '@refclip/structures';
import type { DetectorOutputs } from '../grounding/create-grounder.js';
import { isUnusedHead, type RefClip } from '../model/create-refclip.js';

/** What the detector made of one image, and how the image lay in the network's input. */
export interface CachedImage {
  readonly outputs: DetectorOutputs;
  readonly letterbox: Letterbox;
}

/** Where and how outputs are kept. */
export interface DetectorCacheOptions {
  readonly directory: string;
  readonly model: RefClip;
  /** The model's tensors; those of the detector are part of the cache's key. */
  readonly values: NamedHostTensors;
  /** How feature maps are kept; boxes always as float32, since their order decides which anchors are kept. Default `float16`. */
  readonly precision?: 'float16' | 'float32';
  /** Bytes of entries that stay in memory. Default 1 GiB. */
  readonly memory?: number;
}

/** Raised when equal images begin to give other outputs. */
const preprocessingVersion = 2;

/**
 * Outputs of the frozen detector on disk, one file per image, under a folder named by the detector's weights and the preprocessing. Files are written whole
 * or not at all and checked when they are read, so several processes may fill one cache. An image is known by a name of the caller's: it must change when
 * the image does.
 */
export class DetectorCache {
  /** Folder of this key. */
  readonly path: string;
  readonly #model: RefClip;
  readonly #precision: 'float16' | 'float32';
  readonly #memory = new Map<string, CachedFile>();
  #room: number;

  private constructor(path: string, { model, precision = 'float16', memory = 2 ** 30 }: DetectorCacheOptions) {
    this.path = path;
    this.#model = model;
    this.#precision = precision;
    this.#room = memory;
  }

  static async open(options: DetectorCacheOptions): Promise<DetectorCache> {
    const { model, values, precision = 'float16', directory } = options;
    const hash = createHash('sha256').update(
      JSON.stringify([preprocessingVersion, model.options.inputSize, model.options.priors, precision]),
    );
    for (const { name } of model.detector.parameters) {
      if (isUnusedHead(name)) continue;
      const { data } = values[`visual_encoder.${name}`] as HostTensor;
      hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    const path = join(directory, hash.digest('hex').slice(0, 24));
    await mkdir(path, { recursive: true });
    return new DetectorCache(path, options);
  }

  /** Bytes that an entry takes on disk, about. */
  get entryBytes(): number {
    const { boxes, ...features } = this.#model.detectorOutputSpecs(1);
    const count = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);
    const width = this.#precision === 'float16' ? 2 : 4;
    return (
      512 + 4 * count(boxes.shape) + width * Object.values(features).reduce((sum, { shape }) => sum + count(shape), 0)
    );
  }

  /** Whether an image is there. Its content is checked when it is read. */
  async has(image: number | string): Promise<boolean> {
    if (this.#memory.has(String(image))) return true;
    return await access(this.#file(image)).then(
      () => true,
      () => false,
    );
  }

  async write(image: number | string, outputs: DetectorOutputs, letterbox: Letterbox): Promise<void> {
    const tensors = Object.fromEntries(
      Object.entries(outputs).map(([name, { data, shape }]): [string, FormatTensor] => {
        const floats = data as Float32Array;
        const half = this.#precision === 'float16' && name !== 'boxes';
        return [
          name,
          half ? { shape, dtype: 'F16', data: float32ToFloat16(floats) } : { shape, dtype: 'F32', data: floats },
        ];
      }),
    );
    const metadata = {
      width: String(letterbox.imageWidth),
      height: String(letterbox.imageHeight),
      check: checksum(tensors),
    };
    await writeSafetensors(this.#file(image), tensors, metadata);
    this.#remember(image, { tensors, width: letterbox.imageWidth, height: letterbox.imageHeight });
  }

  /**
   * @throws {DataFormatError} when the entry is damaged: delete the file named in the message.
   * @throws {FileError} when it is not there.
   */
  async read(image: number | string): Promise<CachedImage> {
    const { tensors, width, height } = this.#memory.get(String(image)) ?? (await this.#load(image));
    const outputs = Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, hostTensor(toFloat32(tensor), tensor.shape)]),
    );
    return { outputs, letterbox: computeLetterbox(width, height, this.#model.options.inputSize) };
  }

  async #load(image: number | string): Promise<CachedFile> {
    const file = this.#file(image);
    const { tensors, metadata } = await readSafetensors(file);
    const specs = Object.entries(this.#model.detectorOutputSpecs(1));
    const fits = specs.every(([name, { shape }]) => tensors[name]?.shape.join() === shape.slice(1).join());
    if (!fits || metadata.check !== checksum(tensors)) {
      throw new DataFormatError(
        { file },
        'the cached detector output is damaged. Delete this file; it is made again by the next run.',
      );
    }
    const entry = { tensors, width: Number(metadata.width), height: Number(metadata.height) };
    this.#remember(image, entry);
    return entry;
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

function checksum(tensors: Readonly<Record<string, FormatTensor>>): string {
  const hash = createHash('sha1');
  for (const name of Object.keys(tensors).sort()) {
    const { data } = tensors[name] as FormatTensor;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
