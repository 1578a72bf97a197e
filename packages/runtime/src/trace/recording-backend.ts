import { RefclipError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { zerosTensor } from '../host-tensor.js';
import type { Constant, Node, Value } from '../ir/graph.js';
import type { KernelDefinition } from '../kernels/kernel-definition.js';
import type { DType, HostTensor, TensorSpec } from '../types.js';
import { callSite, deferredCallSite } from './call-site.js';

/** What a tensor of the recording backend stands for: content known at recording time, or a value of the graph. */
interface Entry {
  value?: Value;
  readonly content?: HostTensor;
}

/** The recording of one program. */
export interface Recording {
  readonly nodes: Node[];
  readonly callSites: boolean;
  readonly constants: { push(constant: Constant): unknown };
  /** Kernels that nobody described: recorded for their shapes, refused when lowered. */
  readonly table: ReadonlyMap<string, KernelDefinition>;
}

const backendName = 'refclip-recorder';

/** A tfjs backend that computes nothing: every kernel call becomes a node of the current recording. */
class RecordingBackend extends tf.KernelBackend {
  recording: Recording | undefined;
  #entries = new WeakMap<object, Entry>();
  #nextId = 0;

  begin(recording: Recording): void {
    this.recording = recording;
    this.#entries = new WeakMap();
    this.#nextId = 0;
  }

  newValue(spec: TensorSpec): Value {
    return { id: this.#nextId++, spec: { shape: [...spec.shape], dtype: spec.dtype } };
  }

  /** A tensor that stands for a value of the graph. */
  tensorOf(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#entries.set(dataId, { value });
    return { dataId, shape: [...value.spec.shape], dtype: value.spec.dtype as tf.DataType };
  }

  /** The value behind a tensor; content met for the first time becomes a constant. */
  graphValueOf(tensor: tf.TensorInfo): Value {
    const entry = this.#entries.get(tensor.dataId);
    if (!entry || !this.recording) {
      throw new RefclipError(
        'unsupported-op',
        `a tensor from outside the program is used at ${callSite()}; pass it as an input or a constant`,
      );
    }
    if (!entry.value) {
      const content = entry.content as HostTensor;
      const spec = { shape: tensor.shape, dtype: tensor.dtype as DType };
      entry.value = this.newValue(spec);
      this.recording.constants.push({ value: entry.value, tensor: { ...content, ...spec } });
    }
    return entry.value;
  }

  record(
    kernel: string,
    inputs: Readonly<Record<string, tf.TensorInfo>>,
    attributes: Record<string, unknown>,
  ): tf.TensorInfo[] {
    const recording = this.recording as Recording;
    // Optional arguments come as undefined.
    const given = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined);
    const values = given.map(([, tensor]) => this.graphValueOf(tensor));
    const specs = Object.fromEntries(given.map(([name], i) => [name, (values[i] as Value).spec]));
    const definition = recording.table.get(kernel);
    const inputNames = given.map(([name]) => name);
    const where = recording.callSites ? deferredCallSite() : () => 'an unknown place';
    const push = (outputs: readonly Value[]) =>
      recording.nodes.push({
        kernel,
        inputs: values,
        inputNames,
        attributes,
        outputs,
        get where() {
          return where();
        },
      });
    let results: readonly TensorSpec[];
    try {
      results = definition ? definition.infer(specs, attributes) : inferByRunning(kernel, specs, attributes);
    } catch (error) {
      // So that it is named with the others that cannot be compiled.
      if (!definition) push([]);
      throw error;
    }
    const outputs = results.map((spec) => this.newValue(spec));
    push(outputs);
    return outputs.map((value) => this.tensorOf(value));
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype);
    return dataId;
  }

  override move(dataId: tf.DataId, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    const data =
      dtype === 'float32'
        ? Float32Array.from(values as Float32Array)
        : dtype === 'int32'
          ? Int32Array.from(values as Int32Array)
          : Uint8Array.from(values as Uint8Array);
    this.#entries.set(dataId, { content: { data, shape, dtype: dtype as DType } });
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const content = this.#entries.get(dataId)?.content;
    if (content) return content.data;
    throw new RefclipError(
      'unsupported-op',
      `the program reads a tensor's values at ${callSite()}; a compiled program cannot: its values exist only when it runs. ` +
        'Return the tensor as an output, or express the decision with tf.where.',
    );
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override numDataIds(): number {
    return 0;
  }
  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  decRef(): void {}
  override refCount(): number {
    return 1;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {}
}

let backend: RecordingBackend | undefined;

/** The recording backend, registered with tfjs the first time, with every kernel of tfjs. */
export function recordingBackend(): RecordingBackend {
  if (backend) return backend;
  backend = new RecordingBackend();
  const created = backend;
  // A low priority: tfjs must never choose it by itself.
  tf.registerBackend(backendName, () => created, -1000);
  // tfjs exports the names of its kernels as strings; kernels that others registered are not ours to record.
  const official = new Set<unknown>(Object.values(tf).filter((value) => typeof value === 'string'));
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (official.has(kernelName)) registerRecorder(created, kernelName);
  }
  return backend;
}

/**
 * Records kernels of one's own while `record` runs. Outside, what their owners registered for this backend applies, e.g. a composition of other kernels.
 */
export function withOwnKernels<T>(recorder: RecordingBackend, kernels: readonly string[], record: () => T): T {
  const replaced = kernels.map((kernelName) => {
    const before = tf.getKernel(kernelName, backendName);
    if (before) tf.unregisterKernel(kernelName, backendName);
    registerRecorder(recorder, kernelName);
    return { kernelName, before };
  });
  try {
    return record();
  } finally {
    for (const { kernelName, before } of replaced) {
      tf.unregisterKernel(kernelName, backendName);
      if (before) tf.registerKernel(before);
    }
  }
}

function registerRecorder(recorder: RecordingBackend, kernelName: string): void {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const outputs = recorder.record(
        kernelName,
        inputs as Record<string, tf.TensorInfo>,
        (attrs ?? {}) as Record<string, unknown>,
      );
      return outputs.length === 1 && kernelName !== 'Unpack' && kernelName !== 'SplitV'
        ? (outputs[0] as tf.TensorInfo)
        : outputs;
    },
  });
}

/** Runs `record` with the recording backend as tfjs's current one. */
export function withRecordingBackend<T>(record: () => T): T {
  // Where tfjs has not chosen a backend yet, the processor: it must not stay with the recorder.
  const previous = tf.getBackend() || 'cpu';
  tf.engine().startScope();
  void tf.setBackend(backendName);
  try {
    return record();
  } finally {
    tf.engine().endScope();
    if (previous !== backendName) void tf.setBackend(previous);
  }
}

/** Shapes of a kernel without a description: tfjs cpu runs it on zeros. */
function inferByRunning(
  kernel: string,
  specs: Readonly<Record<string, TensorSpec>>,
  attributes: Record<string, unknown>,
): TensorSpec[] {
  const definition = tf.getKernel(kernel, 'cpu');
  const cpu = tf.findBackend('cpu');
  if (!definition || !cpu) {
    throw new RefclipError('unsupported-op', `kernel ${kernel}, called at ${callSite()}, is known to no engine`);
  }
  const inputs = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const dtype = spec.dtype as tf.DataType;
      return [
        name,
        { dataId: cpu.write(zerosTensor(spec).data, [...spec.shape], dtype), shape: [...spec.shape], dtype },
      ];
    }),
  );
  const outputs = [definition.kernelFunc({ inputs, attrs: attributes as tf.NamedAttrMap, backend: cpu })].flat();
  return outputs.map(({ shape, dtype }) => ({ shape, dtype: dtype as DType }));
}
