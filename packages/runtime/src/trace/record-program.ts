import * as tf from '@tensorflow/tfjs';
import { insideConstant } from '../ir/constants.js';
import type { Constant, Graph, NamedValue, Node, Value } from '../ir/graph.js';
import { validateGraph } from '../ir/validate-graph.js';
import { assertSupported } from '../kernels/assert-supported.js';
import type { CustomLowering } from '../kernels/kernel-definition.js';
import { createKernelTable } from '../kernels/kernel-table.js';
import type { CompileOptions, ConstantTensor, DType, HostTensor, NamedTensors, Program, TensorSpec } from '../types.js';
import { recordingBackend, withOwnKernels, withRecordingBackend } from './recording-backend.js';

/** What {@link recordProgram} needs beside the compile options. */
export interface RecordOptions<Tensor extends ConstantTensor = HostTensor> extends CompileOptions {
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly lowerings?: readonly CustomLowering[];
  /** Whether each node says where the program called it. Default true; `false` is faster, for a graph that nobody will read. */
  readonly callSites?: boolean;
}

/**
 * Runs a program on tensors that hold nothing and records every kernel it calls, gradients included, as a graph.
 *
 * @throws {RefclipError} when the program reads a value or uses a tensor from outside; the message names the place.
 * @throws {UnsupportedOpError} when it fails otherwise after kernels that cannot be compiled.
 */
export function recordProgram<Tensor extends ConstantTensor = HostTensor>(
  program: Program,
  options: RecordOptions<Tensor>,
): Graph<Tensor | HostTensor> {
  const table = createKernelTable(options.lowerings);
  const backend = recordingBackend();
  const nodes: Node[] = [];
  const constants: Constant<Tensor | HostTensor>[] = [];
  const inputs: NamedValue[] = [];
  let outputs: NamedValue[] = [];
  const own = (options.lowerings ?? []).map(({ kernelName }) => kernelName);
  const record = () => {
    backend.begin({ nodes, constants, table, callSites: options.callSites ?? true });
    const symbolic = (value: Value): tf.Tensor => {
      const { dataId, shape, dtype } = backend.tensorOf(value);
      return tf.engine().makeTensorFromDataId(dataId, shape, dtype, backend);
    };
    const feed = (name: string, spec: TensorSpec): tf.Tensor => {
      const value = backend.newValue(spec);
      inputs.push({ name, value });
      if (spec.dtype !== 'uint8') return symbolic(value);
      // Bytes live at the boundary alone.
      const inside = backend.newValue({ shape: spec.shape, dtype: 'int32' });
      const attributes = { dtype: 'int32' satisfies DType };
      nodes.push({
        kernel: 'Cast',
        inputs: [value],
        inputNames: ['x'],
        attributes,
        outputs: [inside],
        where: `input ${name}`,
      });
      return symbolic(inside);
    };
    const feeds = Object.fromEntries(Object.entries(options.inputs).map(([name, spec]) => [name, feed(name, spec)]));
    const frozen: NamedTensors = Object.fromEntries(
      Object.entries(options.constants ?? {}).map(([name, tensor]) => {
        const value = backend.newValue({
          shape: tensor.shape,
          dtype: tensor.dtype === 'uint8' ? 'int32' : tensor.dtype,
        });
        constants.push({ value, tensor: insideConstant(tensor) as Tensor | HostTensor, name });
        return [name, symbolic(value)];
      }),
    );
    outputs = Object.entries(program(feeds, frozen)).map(([name, tensor]) => ({
      name,
      value: backend.graphValueOf(tensor),
    }));
  };
  try {
    withRecordingBackend(() => withOwnKernels(backend, own, record));
  } catch (error) {
    // Often only what follows from an unsupported kernel, which is then the thing to say.
    if (error instanceof Error) assertSupported(options.name, nodes, table, error);
    throw error;
  }
  const graph: Graph<Tensor | HostTensor> = { name: options.name, inputs, constants, nodes, outputs };
  validateGraph(graph);
  return graph;
}
