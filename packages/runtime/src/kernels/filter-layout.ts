import { sizeOf } from '../host-tensor.js';
import type { LowerContext } from './kernel-definition.js';

/** Smaller filters are permuted at once. */
const smallest = 1 << 14;

/**
 * A filter `[H, W, I, O]` as ONNX has it, `[O, I, H, W]`; for the gradient of a convolution's input with its channels exchanged and its taps in reverse, `[I, O, H, W]`.
 *
 * A trained filter is moved in every step, and ONNX Runtime permutes all four axes element by element: 11.7 ms for 2×2×512×512 and 34 ms for 3×3×512×512 on one
 * machine. A matrix a tap, transposed by itself and then woven together, took 1.5 and 4.0 ms. Constant ones are permuted once, when the session is made.
 */
export function filterChannelsFirst(
  context: LowerContext,
  filter: string,
  shape: readonly number[],
  role: 'forward' | 'input gradient',
): string {
  const [height = 1, width = 1, inputs = 1, outputs = 1] = shape;
  const taps = height * width;
  const forward = role === 'forward';
  if (taps === 1 || sizeOf(shape) < smallest || context.isConstant(filter)) {
    return context.transpose(
      forward || taps === 1 ? filter : flipped(context, filter),
      forward ? [3, 2, 0, 1] : [2, 3, 0, 1],
    );
  }
  const matrices = context.op('Reshape', [filter, context.int64([taps, inputs * outputs])]);
  const parts = context.ops('Split', [matrices, context.int64(Array(taps).fill(1))], { axis: 0 }, taps);
  const columns = parts.map((part) => {
    const matrix = forward
      ? context.transpose(context.op('Reshape', [part, context.int64([inputs, outputs])]), [1, 0])
      : part;
    return context.op('Reshape', [matrix, context.int64([inputs * outputs, 1])]);
  });
  const woven = context.op('Concat', forward ? columns : columns.toReversed(), { axis: 1 });
  return context.op('Reshape', [
    woven,
    context.int64(forward ? [outputs, inputs, height, width] : [inputs, outputs, height, width]),
  ]);
}

function flipped(context: LowerContext, filter: string): string {
  const both = (value: number) => context.int64([value, value]);
  return context.op('Slice', [filter, both(-1), both(Number.MIN_SAFE_INTEGER), context.int64([0, 1]), both(-1)]);
}
