import type { Graph } from '../ir/graph.js';
import { broadcastLate } from './broadcast-late.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { mergeProductSums } from './merge-product-sums.js';
import { mergeScales } from './merge-scales.js';
import { placeChannelsFirst } from './place-channels-first.js';
import { pointwiseProducts } from './pointwise-products.js';
import { removeDeadNodes } from './remove-dead-nodes.js';
import { removeNoOps } from './remove-no-ops.js';
import { simplifyLeakyReluGradient } from './simplify-leaky-relu-gradient.js';

type Pass = (graph: Graph) => Graph;

const isTraining = (graph: Graph) => graph.nodes.some(({ kernel }) => kernel === 'Conv2DBackpropFilter');

/**
 * The gradient of a filter reads its maps channels last, so a training step gains nothing from keeping them channels first
 * (processor time of a step rose by 0 to 9 %); there the 1×1 convolutions become products, which take maps as they are.
 */
const placeMaps: Pass = (graph) => (isTraining(graph) ? pointwiseProducts(graph) : placeChannelsFirst(graph));

const passes: readonly Pass[] = [
  removeNoOps,
  removeDeadNodes,
  foldConstants,
  simplifyLeakyReluGradient,
  broadcastLate,
  mergeCommonSubexpressions,
  foldBatchNorm,
  mergeScales,
  mergeProductSums,
  removeDeadNodes,
  placeMaps,
  removeNoOps,
  mergeCommonSubexpressions,
  removeDeadNodes,
];

/** All passes in their order. */
export function optimizeGraph(graph: Graph): Graph {
  return passes.reduce((current, pass) => pass(current), graph);
}
