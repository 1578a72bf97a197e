import type { ConformanceCase } from '../conformance/conformance-case.js';

/** What reaches a GPU: an engine, and its device where it has several. */
export type GpuEngine = 'webgpu' | 'compiled:webgpu' | 'compiled:cuda';

interface Difference {
  readonly engines: readonly GpuEngine[];
  readonly what: 'values' | 'gradient';
  readonly kernel?: string;
  readonly name: RegExp;
  readonly reason: string;
}

const differences: readonly Difference[] = [
  {
    engines: ['webgpu', 'compiled:webgpu'],
    what: 'values',
    name: /of NaN and infinities$/,
    reason: 'WGSL lets an implementation assume that NaN and infinities do not occur',
  },
  {
    engines: ['webgpu'],
    what: 'values',
    kernel: 'BitwiseAnd',
    name: /./,
    reason: 'tfjs 4.22 has no such kernel for WebGPU',
  },
  {
    engines: ['webgpu'],
    what: 'values',
    kernel: 'Sum',
    name: /of nothing$/,
    reason: 'tfjs 4.22 makes no empty buffer',
  },
  {
    engines: ['webgpu'],
    what: 'values',
    name: /^Cum(sum|prod) .*reverse$/,
    reason: 'tfjs 4.22 gives other numbers in reverse on WebGPU',
  },
  {
    engines: ['webgpu'],
    what: 'gradient',
    name: /^Cumsum /,
    reason: 'the gradient of a cumulative sum is one in reverse: as above',
  },
  {
    engines: ['webgpu'],
    what: 'values',
    name: /^DenseBincount of rows, whether at all$/,
    reason: "tfjs 4.22's shader for it does not compile",
  },
  {
    engines: ['compiled:webgpu'],
    what: 'gradient',
    kernel: 'MaxPool',
    name: /./,
    reason: 'MaxPool of ONNX Runtime 1.30 gives no indices on WebGPU',
  },
  {
    engines: ['compiled:webgpu'],
    what: 'gradient',
    name: /^DepthwiseConv2dNative .* stride 2$/,
    reason: 'other numbers from ONNX Runtime 1.30 on WebGPU; the cause was not looked for',
  },
];

/** Why a case may differ on a GPU, or `undefined`. */
export function knownDifference(
  engine: GpuEngine,
  what: 'values' | 'gradient',
  { kernel, name }: ConformanceCase,
): string | undefined {
  return differences.find(
    (known) =>
      known.what === what &&
      known.engines.includes(engine) &&
      (known.kernel ?? kernel) === kernel &&
      known.name.test(name),
  )?.reason;
}
