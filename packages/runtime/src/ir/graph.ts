import type { ConstantTensor, HostTensor, TensorSpec } from '../types.js';

/** A tensor in a graph, made by an input, a constant or one node. */
export interface Value {
  readonly id: number;
  readonly spec: TensorSpec;
}

/** One call of a tfjs kernel. */
export interface Node {
  readonly kernel: string;
  /** In the order of {@link Node.inputNames}. */
  readonly inputs: readonly Value[];
  /** Argument names of the kernel, e.g. `x`, `filter`. */
  readonly inputNames: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Value[];
  /** Where the program called it, for messages. */
  readonly where: string;
}

/** A value with its name at the program's boundary. */
export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

/** A constant with its content, which may still have to be read; `name` when the caller named it. */
export interface Constant<Tensor extends ConstantTensor = HostTensor> {
  readonly value: Value;
  readonly tensor: Tensor;
  readonly name?: string;
}

/** A program as a graph of tfjs kernels, nodes in an order in which they can run. Immutable. */
export interface Graph<Tensor extends ConstantTensor = HostTensor> {
  readonly name: string;
  readonly inputs: readonly NamedValue[];
  readonly constants: readonly Constant<Tensor>[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly NamedValue[];
}
