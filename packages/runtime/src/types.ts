import type * as tf from '@tensorflow/tfjs';

/** Element types. `uint8` lives only at the boundary of a program; inside it is an int32 tensor. */
export type DType = 'float32' | 'int32' | 'bool' | 'uint8';

/** Shape and element type of a tensor. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A tensor in ordinary memory, row-major. bool is a `Uint8Array` of 0 and 1. */
export interface HostTensor extends TensorSpec {
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Tensors by name. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** Host tensors by name. */
export type NamedHostTensors = Readonly<Record<string, HostTensor>>;

/** A frozen tensor that is read when a program is built with it. An engine that kept the built program from an earlier run never reads it. */
export interface DeferredTensor extends TensorSpec {
  /** Names the content: equal digests, equal content. */
  readonly digest: string;
  read(): Promise<HostTensor>;
}

/** What a program may hold frozen. */
export type ConstantTensor = HostTensor | DeferredTensor;

/** Frozen tensors by name. */
export type NamedConstants = Readonly<Record<string, ConstantTensor>>;

/** A pure function from named tensors to named tensors. `constants` never change between runs. */
export type Program = (inputs: NamedTensors, constants: NamedTensors) => NamedTensors;

/** A pure function that also maps a state to the next one: same names, shapes and types. */
export type StatefulProgram = (
  state: NamedTensors,
  inputs: NamedTensors,
  constants: NamedTensors,
) => { readonly state: NamedTensors; readonly outputs: NamedTensors };

/** What a program is compiled for. */
export interface CompileOptions {
  /** For messages and files. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Frozen tensors: folded and prepacked where the engine can. */
  readonly constants?: NamedConstants;
}

/** Adds the initial state. */
export interface CompileStatefulOptions extends CompileOptions {
  readonly state: NamedHostTensors;
  /**
   * An executable of the same engine whose state this one uses too, e.g. a training step compiled for another image size: a step of either moves both, and
   * nothing is copied between them. Of `state` then only names, shapes and types count. The state lives until the last of its executables is disposed.
   */
  readonly sharedWith?: StatefulExecutable;
}

/** A program ready to run on an engine. */
export interface Executable {
  /** @throws {ShapeError} when an input is missing or of another shape or type. */
  run(inputs: NamedHostTensors): Promise<NamedHostTensors>;
  dispose(): Promise<void>;
}

/** A program with state ready to run: the state stays with the engine between steps. */
export interface StatefulExecutable {
  /** Runs once and moves to the next state. */
  step(inputs: NamedHostTensors): Promise<NamedHostTensors>;
  readState(): Promise<NamedHostTensors>;
  writeState(state: NamedHostTensors): Promise<void>;
  dispose(): Promise<void>;
}

/** Names of the engines: `compiled` is ONNX Runtime, the others are tfjs backends. */
export const engineNames = ['compiled', 'cpu', 'wasm', 'webgpu', 'node', 'node-gpu'] as const;

/** One of {@link engineNames}. */
export type EngineName = (typeof engineNames)[number];

/** Where programs run. */
export interface Engine {
  readonly name: EngineName;
  readonly device: string;
  /** Which engine, which device and why, for people. */
  readonly description: string;
  compile(program: Program, options: CompileOptions): Promise<Executable>;
  compileStateful(program: StatefulProgram, options: CompileStatefulOptions): Promise<StatefulExecutable>;
  dispose(): Promise<void>;
}
