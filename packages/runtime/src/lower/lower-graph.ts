import type { Graph, Value } from '../ir/graph.js';
import { assertSupported } from '../kernels/assert-supported.js';
import type { CustomLowering, KernelDefinition } from '../kernels/kernel-definition.js';
import { createKernelTable } from '../kernels/kernel-table.js';
import { channelsFirst } from '../passes/place-channels-first.js';
import type { TensorSpec } from '../types.js';
import { OnnxBuilder, valueInfo } from './onnx-builder.js';
import type { OnnxModel } from './onnx-proto.js';

/** The ONNX operator set that lowerings are written for; `DeformConv` came with 19. */
const operatorSet = 19;
const irVersion = 9;

/**
 * Translates a graph of tfjs kernels to an ONNX model. Inputs and outputs keep their names.
 *
 * @throws {UnsupportedOpError} that names every kernel without a lowering, how often and where it is called.
 */
export function lowerGraph(graph: Graph, lowerings: readonly CustomLowering[] = []): OnnxModel {
  const table = createKernelTable(lowerings);
  assertSupported(graph.name, graph.nodes, table);
  const builder = new OnnxBuilder();
  const names = new Map<number, string>();
  for (const { name, value } of graph.inputs) names.set(value.id, name);
  const taken = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  for (const { value, tensor, name } of graph.constants) {
    names.set(value.id, builder.constant(tensor, name && !taken.has(name) ? name : undefined));
  }
  const nameOf = (value: Value) => names.get(value.id) as string;
  for (const node of graph.nodes) {
    const definition = table.get(node.kernel) as KernelDefinition;
    // Kernels are written for channels last; the transposes around one that is placed channels first cancel those it writes itself.
    const isFirst = node.attributes.layout === channelsFirst.layout;
    const isFilter = (argument: string) => argument === 'filter' || argument === 'bias';
    const asLast = <T>(values: readonly T[]) => [0, 2, 3, 1].map((axis) => values[axis] as T);
    const named = <T>(pick: (value: Value, argument: string) => T) =>
      Object.fromEntries(
        node.inputs.map((value, i) => [node.inputNames[i] as string, pick(value, node.inputNames[i] as string)]),
      );
    const isMoved = (value: Value, argument: string) => isFirst && value.spec.shape.length === 4 && !isFilter(argument);
    const specOf = (value: Value, argument: string): TensorSpec =>
      isMoved(value, argument) ? { ...value.spec, shape: asLast(value.spec.shape) } : value.spec;
    const lowered = definition.lower(builder, {
      kernel: node.kernel,
      inputs: named((value, argument) =>
        isMoved(value, argument) ? builder.transpose(nameOf(value), [0, 2, 3, 1]) : nameOf(value),
      ),
      specs: named(specOf),
      attributes: node.attributes,
      outputs: node.outputs.map((value) => specOf(value, 'output')),
    });
    node.outputs.forEach((value, i) => {
      const result = lowered[i] as string;
      names.set(value.id, isMoved(value, 'output') ? builder.transpose(result, [0, 3, 1, 2]) : result);
    });
  }
  nameOutputs(builder, graph, nameOf);
  const { nodes, initializers } = usedParts(builder, graph);
  return {
    ir_version: irVersion,
    producer_name: '@refclip/runtime',
    opset_import: [{ domain: '', version: operatorSet }],
    graph: {
      name: graph.name,
      node: nodes,
      initializer: initializers,
      input: graph.inputs.map(({ name, value }) => valueInfo(name, value.spec)),
      output: graph.outputs.map(({ name, value }) => valueInfo(name, value.spec)),
    },
  };
}

/** Gives the values that leave the names of the outputs. One that leaves a second time, or is an input or a constant, is copied. */
function nameOutputs(builder: OnnxBuilder, graph: Graph, nameOf: (value: Value) => string): void {
  const made = new Set(builder.nodes.flatMap(({ output }) => output));
  const renamed = new Map<string, string>();
  const copies: [string, string][] = [];
  for (const { name, value } of graph.outputs) {
    const own = nameOf(value);
    if (made.has(own) && !renamed.has(own)) renamed.set(own, name);
    else copies.push([own, name]);
  }
  const current = (name: string) => renamed.get(name) ?? name;
  builder.nodes.forEach((node, i) => {
    builder.nodes[i] = { ...node, input: node.input.map(current), output: node.output.map(current) };
  });
  for (const [own, name] of copies) {
    const node = {
      op_type: 'Identity',
      name: builder.name('node'),
      input: [current(own)],
      output: [name],
      attribute: [],
    };
    builder.nodes.push(node);
  }
}

/** Without the nodes (such as transposes that canceled) and constants that no output needs. */
function usedParts({ nodes, initializers }: OnnxBuilder, graph: Graph) {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const used = nodes
    .toReversed()
    .filter(({ output, input }) => {
      if (!output.some((name) => needed.has(name))) return false;
      for (const name of input) needed.add(name);
      return true;
    })
    .toReversed();
  return { nodes: used, initializers: initializers.filter(({ name }) => needed.has(name)) };
}
