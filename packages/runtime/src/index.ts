import { silenceAdvice } from './backends/silence-advice.js';

// programs and engines
export { createEngine, type EngineOptions } from './create-engine.js';
export { type EngineReport, examine, type MachineReport } from './doctor/examine.js';
export { compilePerShape, type PerShapeOptions } from './engines/compile-per-shape.js';
export {
  createExecutablePool,
  type ExecutablePool,
  type ExecutablePoolOptions,
} from './engines/create-executable-pool.js';
export { type ExportOptions, exportOnnx } from './export/export-onnx.js';
export { hostTensor, sizeOf, zerosTensor } from './host-tensor.js';
// graphs
export { readConstants } from './ir/constants.js';
export type { Constant, Graph, NamedValue, Node, Value } from './ir/graph.js';
export { printGraph } from './ir/print-graph.js';
export { validateGraph } from './ir/validate-graph.js';
// kernels of one's own
export type {
  Attributes,
  CustomLowering,
  KernelDefinition,
  LowerContext,
  LowerNode,
  OnnxAttribute,
} from './kernels/kernel-definition.js';
export { lowerGraph } from './lower/lower-graph.js';
export { encodeOnnxModel, type OnnxModel } from './lower/onnx-proto.js';
export { optimizeGraph } from './passes/optimize-graph.js';
export { type RecordOptions, recordProgram } from './trace/record-program.js';
export {
  type CompileOptions,
  type CompileStatefulOptions,
  type ConstantTensor,
  type DeferredTensor,
  type DType,
  type Engine,
  type EngineName,
  type Executable,
  engineNames,
  type HostTensor,
  type NamedConstants,
  type NamedHostTensors,
  type NamedTensors,
  type Program,
  type StatefulExecutable,
  type StatefulProgram,
  type TensorSpec,
} from './types.js';

silenceAdvice();
