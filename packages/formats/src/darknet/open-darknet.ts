import { DataFormatError } from '@refclip/structures';
import type { ByteSource } from '../bytes/byte-source.js';
import { dataOfBytes } from '../tensors/format-tensor.js';
import type { LazyTensor } from '../tensors/lazy-tensor.js';
import { type DarknetConvolution, darknetNumbers } from './darknet-convolution.js';

/** A file of weights of Darknet's: numbers without names, in the order of the network's layers. */
export interface DarknetWeights {
  readonly file: string;
  /** Version of the format: major, minor, revision. */
  readonly version: readonly [number, number, number];
  /** Images that training had seen. */
  readonly seen: bigint;
  /** Numbers in the file. */
  readonly count: number;
  /**
   * The tensors of some convolutions that stand one after the other, the first at number `start`.
   *
   * @throws {DataFormatError} when the file has too few numbers for them.
   */
  convolutions(layers: readonly DarknetConvolution[], start?: number): readonly DarknetTensors[];
}

/** What a convolution has: kernels `[filters, channels, size, size]`, the rest `[filters]`. */
export interface DarknetTensors {
  readonly layer: DarknetConvolution;
  readonly bias: LazyTensor;
  readonly scale: LazyTensor | undefined;
  readonly mean: LazyTensor | undefined;
  readonly variance: LazyTensor | undefined;
  readonly kernel: LazyTensor;
}

/**
 * Opens a Darknet `.weights` file. Only its header is read; keep the source open to read tensors.
 *
 * @throws {DataFormatError} when it has no header that fits it.
 * @see https://github.com/pjreddie/darknet, `load_weights`: three int32 of the version, the images seen as int32 or, from version 0.2 on, as int64
 */
export async function openDarknet(source: ByteSource): Promise<DarknetWeights> {
  const { name: file, size } = source;
  if (size < 16) throw new DataFormatError({ file }, `${size} bytes; expected a header of at least 16.`);
  const head = Buffer.from(await source.read(0, Math.min(20, size)));
  const version = [head.readInt32LE(0), head.readInt32LE(4), head.readInt32LE(8)] as const;
  const [major, minor] = version;
  if (!version.every((part) => part >= 0 && part < 1000))
    throw new DataFormatError({ file, field: 'header' }, `has version ${version.join('.')}; it is no Darknet file.`);
  const long = major * 10 + minor >= 2;
  const start = long ? 20 : 16;
  if (size < start || (size - start) % 4)
    throw new DataFormatError(
      { file },
      `${size} bytes are no header of ${start} and whole float32 numbers. It is truncated.`,
    );
  const count = (size - start) / 4;
  return {
    file,
    version,
    seen: long ? head.readBigUInt64LE(12) : BigInt(head.readUInt32LE(12)),
    count,
    convolutions(layers, first = 0) {
      const needed = layers.reduce((sum, layer) => sum + darknetNumbers(layer), first);
      if (needed > count) {
        throw new DataFormatError(
          { file },
          `has ${count} numbers; ${layers.length} convolutions of this network take ${needed}. It is of another network or truncated.`,
        );
      }
      let at = first;
      const take = (...shape: readonly number[]): LazyTensor => {
        const length = 4 * shape.reduce((product, d) => product * d, 1);
        const from = start + 4 * at;
        at += length / 4;
        const read = async () =>
          ({ shape, dtype: 'F32', data: dataOfBytes('F32', await source.read(from, length)) }) as const;
        return { shape, dtype: 'F32', read };
      };
      return layers.map((layer) => {
        const { filters, channels, size: side, batchNormalize } = layer;
        const bias = take(filters);
        const [scale, mean, variance] = batchNormalize ? [take(filters), take(filters), take(filters)] : [];
        return { layer, bias, scale, mean, variance, kernel: take(filters, channels, side, side) };
      });
    },
  };
}
