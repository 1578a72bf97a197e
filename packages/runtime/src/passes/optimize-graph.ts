import type { Graph } from '../ir/graph.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { removeDeadNodes } from './remove-dead-nodes.js';

/** All passes in their order. */
export function optimizeGraph(graph: Graph): Graph {
  return [removeDeadNodes, mergeCommonSubexpressions, removeDeadNodes].reduce((current, pass) => pass(current), graph);
}
