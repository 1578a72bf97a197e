import type { HostTensor, TensorSpec } from '../types.js';

/** Attributes of a kernel call as tfjs passes them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Values of ONNX attributes: numbers are integers unless wrapped as `{ float }`. */
export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

/** What a lowering writes ONNX nodes with. ONNX values are named by strings. */
export interface LowerContext {
  /** Appends a node and returns its first output. */
  op(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute | undefined>>): string;
  /** Appends a node with several outputs. */
  ops(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute | undefined>>,
    outputs: number,
  ): readonly string[];
  /** A one-dimensional int64 constant: shapes, axes, starts. */
  int64(values: readonly number[]): string;
  /** A constant of the program's own types. */
  constant(tensor: HostTensor): string;
  /** A scalar of the given type. */
  scalar(value: number, dtype: TensorSpec['dtype']): string;
  /** Converts to another element type. */
  cast(value: string, dtype: TensorSpec['dtype'] | 'int64' | 'double'): string;
  /** Permutes axes; a permutation that undoes the one before it disappears. */
  transpose(value: string, permutation: readonly number[]): string;
  /** Whether the value is a constant of the model, so that what is computed from it alone is computed once. */
  isConstant(value: string): boolean;
}

/** One kernel call to lower. */
export interface LowerNode {
  readonly kernel: string;
  /** Argument name → ONNX value. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Argument name → shape and type. */
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly attributes: Attributes;
  readonly outputs: readonly TensorSpec[];
}

/** How a tfjs kernel is recorded (`infer`) and translated (`lower`). */
export interface KernelDefinition {
  /** Shapes and types of the outputs. */
  infer(inputs: Readonly<Record<string, TensorSpec>>, attributes: Attributes): readonly TensorSpec[];
  /** ONNX values of the outputs. */
  lower(context: LowerContext, node: LowerNode): readonly string[];
}

/** A kernel of a package's own, known to the compiled engine through `createEngine({ lowerings })`. */
export interface CustomLowering extends KernelDefinition {
  readonly kernelName: string;
}

/** A family of kernels by tfjs name. */
export type KernelFamily = Readonly<Record<string, KernelDefinition>>;

/** An input or attribute that the kernel's contract promises. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TypeError(`kernel call lacks ${what}`);
  return value;
}
