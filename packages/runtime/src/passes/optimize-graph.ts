import type { Graph } from '../ir/graph.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { placeChannelsFirst } from './place-channels-first.js';
import { removeDeadNodes } from './remove-dead-nodes.js';

type Pass = (graph: Graph) => Graph;

/**
 * The gradient of a filter reads its maps channels last, so a training step gains nothing from keeping them channels first
 * (processor time of a step rose by 0 to 9 %); ONNX Runtime's own placement is used there.
 */
const placeUnlessTraining: Pass = (graph) =>
  graph.nodes.some(({ kernel }) => kernel === 'Conv2DBackpropFilter') ? graph : placeChannelsFirst(graph);

const passes: readonly Pass[] = [
  removeDeadNodes,
  foldConstants,
  mergeCommonSubexpressions,
  foldBatchNorm,
  removeDeadNodes,
  placeUnlessTraining,
  mergeCommonSubexpressions,
  removeDeadNodes,
];

/** All passes in their order. */
export function optimizeGraph(graph: Graph): Graph {
  return passes.reduce((current, pass) => pass(current), graph);
}
