import { basename } from 'node:path';
import { writeWholeFile } from '@refclip/furniture';
import { readGraphConstants } from '../ir/constants.js';
import type { CustomLowering } from '../kernels/kernel-definition.js';
import { joinWeights } from '../lower/external-weights.js';
import { lowerGraph } from '../lower/lower-graph.js';
import { encodeOnnxModel } from '../lower/onnx-proto.js';
import { optimizeGraph } from '../passes/optimize-graph.js';
import { quantizeModel } from '../quantize/quantize-model.js';
import { recordProgram } from '../trace/record-program.js';
import type { CompileOptions, NamedHostTensors, Program } from '../types.js';

/** How {@link exportOnnx} writes. */
export interface ExportOptions extends CompileOptions {
  readonly file: string;
  /** Weights in `<file>.data` beside the model; needed from 2 GiB on. Default false. */
  readonly externalData?: boolean;
  /** Stored in the model's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly lowerings?: readonly CustomLowering[];
  /** Inputs like those that the model will see: its convolutions then compute in eight bits, see `quantizeModel`. Default none: float32. */
  readonly calibration?: AsyncIterable<NamedHostTensors> | Iterable<NamedHostTensors>;
}

/** A protobuf message cannot be larger. */
const largestMessage = 2 ** 31 - 1;

/**
 * Writes a program as an ONNX model (operator set 19) that any ONNX runtime can load. Inputs, outputs and constants keep their names, tensors their layout.
 *
 * @throws {UnsupportedOpError} that names every kernel without a lowering.
 * @throws {BackendError} when it should be quantized and cannot be.
 * @throws {FileError} when the file cannot be written; its folder is created.
 * @throws {RangeError} when the weights do not fit into one file.
 */
export async function exportOnnx(program: Program, options: ExportOptions): Promise<void> {
  const { file, externalData = false, metadata = {}, lowerings = [], calibration } = options;
  const graph = await readGraphConstants(recordProgram(program, { ...options, lowerings }));
  const lowered = lowerGraph(optimizeGraph(graph), lowerings);
  const model = {
    ...(calibration ? await quantizeModel(lowered, calibration) : lowered),
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
  if (!externalData) {
    const size = model.graph.initializer.reduce((sum, { raw_data }) => sum + (raw_data?.length ?? 0), 0);
    if (size > largestMessage) {
      throw new RangeError(`exportOnnx: ${size} bytes of weights do not fit into one file; set externalData: true.`);
    }
    await writeWholeFile(file, [encodeOnnxModel(model)]);
    return;
  }
  const weightsFile = `${file}.data`;
  const split = joinWeights(model, basename(weightsFile));
  // Weights first: a model that is there has its weights.
  await writeWholeFile(weightsFile, split.chunks);
  await writeWholeFile(file, [encodeOnnxModel(split.model)]);
}
