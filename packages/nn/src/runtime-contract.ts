// The part of @refclip/runtime's contract that this package needs, until that package exports it.
import * as tf from '@tensorflow/tfjs';

export type DType = 'float32' | 'int32' | 'bool' | 'uint8';
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}
export interface HostTensor extends TensorSpec {
  readonly data: Float32Array | Int32Array | Uint8Array;
}
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;
export type NamedHostTensors = Readonly<Record<string, HostTensor>>;
export type Program = (inputs: NamedTensors, constants: NamedTensors) => NamedTensors;
export type StatefulProgram = (
  state: NamedTensors,
  inputs: NamedTensors,
  constants: NamedTensors,
) => { readonly state: NamedTensors; readonly outputs: NamedTensors };

/** Runs the program eagerly on zeros: the same declarations as recording it, only slower. */
export function recordProgram(
  program: Program,
  options: { readonly name: string; readonly inputs: Readonly<Record<string, TensorSpec>> },
): void {
  tf.tidy(() => {
    const inputs = Object.entries(options.inputs).map(([name, { shape, dtype }]) => [
      name,
      tf.fill([...shape], 0, dtype === 'uint8' ? 'int32' : dtype),
    ]);
    program(Object.fromEntries(inputs), {});
  });
}
