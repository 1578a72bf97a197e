import type { ConformanceCase } from '../conformance/conformance-case.js';

/** What is run with WebGPU. */
export type WebGpuEngine = 'tfjs webgpu' | 'compiled webgpu';

interface Difference {
  readonly engine?: WebGpuEngine;
  readonly what: 'values' | 'gradient';
  readonly kernel?: string;
  readonly name: RegExp;
  readonly reason: string;
}

const differences: readonly Difference[] = [
  {
    what: 'values',
    name: /of NaN and infinities$/,
    reason: 'WGSL lets an implementation assume that NaN and infinities do not occur',
  },
  {
    engine: 'tfjs webgpu',
    what: 'values',
    kernel: 'BitwiseAnd',
    name: /./,
    reason: 'tfjs 4.22 has no such kernel for WebGPU',
  },
  {
    engine: 'tfjs webgpu',
    what: 'values',
    kernel: 'Sum',
    name: /of nothing$/,
    reason: 'tfjs 4.22 makes no empty buffer',
  },
  {
    engine: 'tfjs webgpu',
    what: 'values',
    name: /^Cum(sum|prod) .*reverse$/,
    reason: 'tfjs 4.22 gives other numbers in reverse on WebGPU',
  },
  {
    engine: 'tfjs webgpu',
    what: 'gradient',
    name: /^Cumsum /,
    reason: 'the gradient of a cumulative sum is one in reverse: as above',
  },
  {
    engine: 'tfjs webgpu',
    what: 'values',
    name: /^DenseBincount of rows, whether at all$/,
    reason: "tfjs 4.22's shader for it does not compile",
  },
  {
    engine: 'compiled webgpu',
    what: 'gradient',
    kernel: 'MaxPool',
    name: /./,
    reason: 'MaxPool of ONNX Runtime 1.30 gives no indices on WebGPU',
  },
  {
    engine: 'compiled webgpu',
    what: 'gradient',
    name: /^DepthwiseConv2dNative .* stride 2$/,
    reason: 'other numbers from ONNX Runtime 1.30 on WebGPU; the cause was not looked for',
  },
];

/** Why a case may differ with WebGPU, or `undefined`. */
export function knownDifference(
  engine: WebGpuEngine,
  what: 'values' | 'gradient',
  { kernel, name }: ConformanceCase,
): string | undefined {
  return differences.find(
    (known) =>
      known.what === what &&
      (known.engine ?? engine) === engine &&
      (known.kernel ?? kernel) === kernel &&
      known.name.test(name),
  )?.reason;
}
