import { ShapeError } from '@refclip/structures';
import type { DType, HostTensor, TensorSpec } from './types.js';

/** Number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, d) => size * d, 1);

/**
 * Wraps row-major data as a {@link HostTensor}; nothing is copied.
 *
 * @param dtype  default: float32, int32 or uint8 by the kind of array; give `'bool'` for flags.
 * @throws {ShapeError} when the array has another number of elements.
 */
export function hostTensor(
  data: Float32Array | Int32Array | Uint8Array,
  shape: readonly number[],
  dtype: DType = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'uint8',
): HostTensor {
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError({ op: 'hostTensor', argument: 'data', expected: [sizeOf(shape)], actual: [data.length] });
  }
  return { data, shape: [...shape], dtype };
}

/** Zeros. */
export function zerosTensor({ shape, dtype }: TensorSpec): HostTensor {
  const size = sizeOf(shape);
  const data =
    dtype === 'float32' ? new Float32Array(size) : dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
  return { data, shape, dtype };
}

/** @throws {ShapeError} unless exactly the named tensors are given with their shapes and types. */
export function assertFeeds(
  where: string,
  specs: Readonly<Record<string, TensorSpec>>,
  feeds: Readonly<Record<string, TensorSpec>>,
): void {
  for (const [name, spec] of Object.entries(specs)) {
    const feed = feeds[name];
    if (!feed) {
      throw new ShapeError(
        { op: where, argument: `input "${name}"`, expected: spec.shape, actual: [] },
        'It is missing.',
      );
    }
    if (feed.shape.join() !== spec.shape.join() || feed.dtype !== spec.dtype) {
      throw new ShapeError(
        { op: where, argument: `input "${name}" (${feed.dtype})`, expected: spec.shape, actual: feed.shape },
        `Its type must be ${spec.dtype}.`,
      );
    }
  }
  const unknown = Object.keys(feeds).filter((name) => !(name in specs));
  if (unknown.length) {
    throw new ShapeError(
      {
        op: where,
        argument: `input "${unknown.join('", "')}"`,
        expected: [],
        actual: feeds[unknown[0] ?? '']?.shape ?? [],
      },
      `The program has no such input; it has ${Object.keys(specs).join(', ') || 'none'}.`,
    );
  }
}
