import { valueInfo } from '../lower/onnx-builder.js';
import type { OnnxModel } from '../lower/onnx-proto.js';

/** Of the input `x` and the output `y` of {@link doublingModel}. */
export const doublingSpec = { shape: [2], dtype: 'float32' } as const;

/** `y = x + x`: the smallest model that shows how a provider behaves. */
export const doublingModel: OnnxModel = {
  ir_version: 9,
  producer_name: '@refclip/runtime',
  opset_import: [{ domain: '', version: 19 }],
  graph: {
    name: 'doubling',
    node: [{ op_type: 'Add', name: 'add', input: ['x', 'x'], output: ['y'], attribute: [] }],
    initializer: [],
    input: [valueInfo('x', doublingSpec)],
    output: [valueInfo('y', doublingSpec)],
  },
};
