import { hostTensor } from '../host-tensor.js';
import type { Constant, Graph, Node, Value } from '../ir/graph.js';
import { newValues } from './value-ids.js';

/** Takes every positive normal number to 1 or more. */
const steep = 2 ** 127;

/**
 * `select(x > 0, dy, slope · dy)`, the gradient of LeakyReLU, becomes `dy · clip(2¹²⁷ · x, slope, 1)`: ONNX Runtime's `Where` takes as long as four
 * products. The same for every x but positive ones below 2⁻¹²⁷.
 */
export function simplifyLeakyReluGradient(graph: Graph): Graph {
  const makeValue = newValues(graph);
  const makers = new Map<number, Node>();
  for (const node of graph.nodes) for (const { id } of node.outputs) makers.set(id, node);
  const scalars = new Map(
    graph.constants.flatMap(({ value, tensor }) => (tensor.data.length === 1 ? [[value.id, tensor.data[0]]] : [])),
  );
  const constants: Constant[] = [];
  const nodes = graph.nodes.flatMap((node) => {
    const match = matchGradient(node, makers, scalars);
    if (!match) return [node];
    const { x, dy, slope } = match;
    if (!constants.length)
      constants.push({
        value: makeValue({ shape: [], dtype: 'float32' }),
        tensor: hostTensor(Float32Array.of(steep), []),
      });
    const [large, factor] = [makeValue(x.spec), makeValue(x.spec)];
    const { where } = node;
    return [
      {
        kernel: 'Multiply',
        inputs: [x, (constants[0] as Constant).value],
        inputNames: ['a', 'b'],
        attributes: {},
        outputs: [large],
        where,
      },
      {
        kernel: 'ClipByValue',
        inputs: [large],
        inputNames: ['x'],
        attributes: { clipValueMin: slope, clipValueMax: 1 },
        outputs: [factor],
        where,
      },
      {
        kernel: 'Multiply',
        inputs: [dy, factor],
        inputNames: ['a', 'b'],
        attributes: {},
        outputs: node.outputs,
        where,
      },
    ];
  });
  return { ...graph, nodes, constants: [...graph.constants, ...constants] };
}

function matchGradient(
  node: Node,
  makers: ReadonlyMap<number, Node>,
  scalars: ReadonlyMap<number, number | undefined>,
): { x: Value; dy: Value; slope: number } | undefined {
  if (node.kernel !== 'Select') return undefined;
  const [condition, dy, other] = node.inputs as readonly [Value, Value, Value];
  const [greater, product] = [makers.get(condition.id), makers.get(other.id)];
  if (greater?.kernel !== 'Greater' || product?.kernel !== 'Multiply') return undefined;
  const [x, threshold] = greater.inputs as readonly [Value, Value];
  const [a, b] = product.inputs as readonly [Value, Value];
  const slope = a.id === dy.id ? scalars.get(b.id) : b.id === dy.id ? scalars.get(a.id) : undefined;
  const isWhole = x.spec.shape.join() === dy.spec.shape.join() && x.spec.dtype === 'float32';
  if (scalars.get(threshold.id) !== 0 || slope === undefined || slope < 0 || slope > 1 || !isWhole) return undefined;
  return { x, dy, slope };
}
