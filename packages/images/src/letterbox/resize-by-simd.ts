import { imageArea, withImageKernels } from '../decode/image-kernels.js';
import type { ResizeArea } from './resize-neighbors.js';

/** The memory of the module never shrinks, so larger images are left to the loop. */
const mostBytes = 1 << 26;

/**
 * Resizes RGB bytes into a square by WebAssembly with SIMD (`wasm/resize-rows.c`): the bits of {@link resizeByLoop} in a fraction of its time.
 *
 * @param source  where it is a view of the module's memory, as {@link decodePhoto} returns, it is not copied.
 * @param across  {@link neighbors} of the columns.
 * @param down    of the rows.
 * @param into    memory for the result; fresh one without.
 * @returns `[size, size, 3]`; undefined where the machine has no SIMD or the image is very large.
 */
export function resizeBySimd(
  source: Uint8Array,
  across: Int32Array,
  down: Int32Array,
  { left, top, size, padding }: ResizeArea,
  into?: Uint8Array,
): Uint8Array | undefined {
  const [width, height, square] = [across.length / 3, down.length / 3, size * size * 3];
  if (source.length + square > mostBytes || width === 0 || height === 0) return undefined;
  const resized = withImageKernels(({ memory, area, resize }) => {
    // Growing the memory ends views of it, so the address of the source is taken first.
    const decoded = source.buffer === memory.buffer ? source.byteOffset : undefined;
    const tables = area(imageArea.tables, across.byteLength + down.byteLength + 4 * 2 * (3 * width + 16));
    const target = area(imageArea.square, square);
    const image = decoded ?? area(imageArea.image, source.length);
    const bytes = new Uint8Array(memory.buffer);
    if (decoded === undefined) bytes.set(source, image);
    const numbers = new Int32Array(memory.buffer);
    numbers.set(across, tables / 4);
    numbers.set(down, tables / 4 + across.length);
    bytes.fill(padding, target, target + square);
    const lines = tables + across.byteLength;
    const first = target + (top * size + left) * 3;
    resize(image, first, size * 3, width, height, tables, lines, lines + down.byteLength);
    if (!into) return bytes.slice(target, target + square);
    into.set(bytes.subarray(target, target + square));
    return into;
  });
  // A view of the module's memory that has ended: the module had to grow for this and could not.
  if (!resized && !source.length) throw new Error(`internal: no memory to resize an image into ${size} × ${size}.`);
  return resized;
}
