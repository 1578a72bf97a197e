import { blockKernels } from './blocks.js';
import { depthwiseGradientKernels } from './depthwise-gradients.js';
import { elementwiseKernels } from './elementwise.js';
import { fusedKernels } from './fused.js';
import { gatherKernels } from './gather.js';
import { imageKernels } from './image.js';
import type { CustomLowering, KernelDefinition } from './kernel-definition.js';
import { matmulKernels } from './matmul.js';
import { reductionKernels } from './reductions.js';
import { scatterKernels } from './scatter.js';
import { shapeKernels } from './shapes.js';

const builtIn: Readonly<Record<string, KernelDefinition>> = {
  ...elementwiseKernels,
  ...shapeKernels,
  ...reductionKernels,
  ...gatherKernels,
  ...matmulKernels,
  ...imageKernels,
  ...depthwiseGradientKernels,
  ...fusedKernels,
  ...blockKernels,
  ...scatterKernels,
};

/** The kernels that can be compiled, by tfjs name: the built-in ones and a caller's own. */
export function createKernelTable(lowerings: readonly CustomLowering[] = []): ReadonlyMap<string, KernelDefinition> {
  return new Map([...Object.entries(builtIn), ...lowerings.map((own) => [own.kernelName, own] as const)]);
}
