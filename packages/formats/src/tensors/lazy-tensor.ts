import type { FormatDType, FormatTensor } from './format-tensor.js';

/** A tensor of an open file: its shape is known, its elements are read when asked for. */
export interface LazyTensor {
  readonly shape: readonly number[];
  readonly dtype: FormatDType;
  /**
   * Its elements, row-major. Reads only the bytes between its first and its last element.
   *
   * @throws {DataFormatError} when the file does not hold them; {FileError} when it cannot be read.
   */
  read(): Promise<FormatTensor>;
}
