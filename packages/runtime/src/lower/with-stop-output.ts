import { type OnnxModel, onnxType } from './onnx-proto.js';

/** Name of the output that {@link withStopOutput} adds; no constant of a program should be called so by chance. */
export const stopOutput = '@refclip/stop';

/**
 * The model with one more output before all others: an empty sequence, which `onnxruntime-node` computes and then refuses to hand over. See
 * `OnnxSession.runInto` for what that is good for.
 */
export function withStopOutput(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const node = { op_type: 'SequenceEmpty', name: stopOutput, input: [], output: [stopOutput], attribute: [] };
  const type = { sequence_type: { elem_type: { tensor_type: { elem_type: onnxType.float32 } } } };
  return {
    ...model,
    graph: { ...graph, node: [...graph.node, node], output: [{ name: stopOutput, type }, ...graph.output] },
  };
}
