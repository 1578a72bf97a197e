import {
  dataOfBytes,
  elementBytes,
  elementCount,
  type FormatDType,
  type FormatTensor,
} from '../tensors/format-tensor.js';
import { gatherStrided } from '../tensors/gather-strided.js';
import type { LazyTensor } from '../tensors/lazy-tensor.js';

/** Bytes of a file that tensors are views of. */
export interface TorchStorage {
  readonly dtype: FormatDType;
  /** Elements. */
  readonly count: number;
  read(start: number, length: number): Promise<Uint8Array>;
}

/** How a tensor lies in its storage; counts are elements. */
export interface TorchLayout {
  readonly storage: TorchStorage;
  readonly dtype: FormatDType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Bytes that a view may always have; larger ones must not show elements more than once. */
const repeatedAnyway = 2 ** 26;

/** A tensor of a PyTorch file: a view of a storage, read when asked for. */
export class TorchTensor implements LazyTensor {
  readonly shape: readonly number[];
  readonly dtype: FormatDType;
  readonly #layout: TorchLayout;

  private constructor(layout: TorchLayout) {
    this.shape = layout.shape;
    this.dtype = layout.dtype;
    this.#layout = layout;
  }

  /**
   * Checks that a view lies within its storage.
   *
   * @param fail  refuses the file.
   */
  static create(layout: TorchLayout, fail: (problem: string) => never): TorchTensor {
    const { storage, dtype, offset, shape, strides } = layout;
    const whole = [offset, ...shape, ...strides].every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!whole || shape.length !== strides.length || shape.length > 64)
      fail(`a tensor has shape [${shape}], strides [${strides}] and offset ${offset}`);
    const width = elementBytes[dtype];
    const held = Math.floor((storage.count * elementBytes[storage.dtype]) / width);
    const count = elementCount(shape);
    if (count === 0) return new TorchTensor(layout);
    if (!(lastElement(layout) < held))
      fail(
        `a tensor of shape [${shape}], strides [${strides}] and offset ${offset} reaches beyond its ${held} elements`,
      );
    if (count > held && count * width > repeatedAnyway)
      fail(`a tensor of shape [${shape}] repeats its ${held} elements; it would take ${count * width} bytes`);
    return new TorchTensor(layout);
  }

  async read(): Promise<FormatTensor> {
    const { storage, dtype, offset, shape, strides } = this.#layout;
    const width = elementBytes[dtype];
    if (elementCount(shape) === 0) return { shape, dtype, data: dataOfBytes(dtype, new Uint8Array()) };
    const span = lastElement(this.#layout) + 1 - offset;
    const bytes = await storage.read(offset * width, span * width);
    const data = isContiguous(shape, strides) ? bytes : gatherStrided(bytes, width, shape, strides);
    return { shape, dtype, data: dataOfBytes(dtype, data) };
  }
}

function lastElement({ offset, shape, strides }: TorchLayout): number {
  return shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] as number), offset);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}
