import { sizeOf } from '../host-tensor.js';
import type { Graph, Node, Value } from '../ir/graph.js';
import type { TensorSpec } from '../types.js';
import { newValues } from './value-ids.js';

/** The attribute of a node whose maps are `[N, C, H, W]`; kernels are written for `[N, H, W, C]`. */
export const channelsFirst = { layout: 'NCHW' } as const;

/** Arguments that are maps, of kernels that ONNX wants channels first. */
const mapKernels: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['x'],
  FusedConv2D: ['x'],
  Conv2DBackpropInput: ['dy'],
  DepthwiseConv2dNative: ['x'],
  MaxPool: ['x'],
  MaxPoolGrad: ['dy', 'input', 'output'],
  AvgPool: ['x'],
  AvgPoolGrad: ['dy', 'input'],
  ResizeNearestNeighbor: ['images'],
  ResizeBilinear: ['images'],
};

/** Kernels that do the same to every element wherever it lies. */
const elementwise = new Set(
  (
    'Abs Ceil Cast ClipByValue Elu EluGrad Erf Exp Expm1 Floor Identity LeakyRelu Log Log1p LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu ' +
    'Sigmoid Sign Softplus Sqrt Square Step Tanh Add AddN Sub Multiply RealDiv Maximum Minimum Pow SquaredDifference Greater GreaterEqual Less ' +
    'LessEqual Equal NotEqual LogicalAnd LogicalOr Select'
  ).split(' '),
);

const toFirst = [0, 3, 1, 2];
const toLast = [0, 2, 3, 1];
/** Where an axis of `[N, H, W, C]` lies in `[N, C, H, W]`. */
const moved = (axis: number) => toFirst.indexOf(axis < 0 ? axis + 4 : axis);
const permuted = (shape: readonly number[]) => toFirst.map((axis) => shape[axis] as number);
const isMap = (value: Value) => value.spec.shape.length === 4;

/**
 * Keeps maps channels first from one convolution to the next, through activations, normalization, sums, joins, pooling and resizing, so that no
 * transposes are left between them: only where maps enter, leave, or are reshaped.
 */
export function placeChannelsFirst(graph: Graph): Graph {
  const makeValue = newValues(graph);
  const nodes: Node[] = [];
  /** The channels-first twin of a value. */
  const twins = new Map<number, Value>();
  /** Values that exist channels first alone so far. */
  const pending = new Set<number>();
  const add = (kernel: string, input: Value, attributes: Node['attributes'], output: Value, where: string) => {
    nodes.push({ kernel, inputs: [input], inputNames: ['x'], attributes, outputs: [output], where });
    return output;
  };
  const asLast = (value: Value): Value => {
    if (pending.delete(value.id)) add('Transpose', twins.get(value.id) as Value, { perm: toLast }, value, 'layout');
    return value;
  };
  const asFirst = (value: Value): Value => {
    const known = twins.get(value.id);
    if (known) return known;
    const { shape, dtype } = value.spec;
    const twin = makeValue({ shape: permuted(shape), dtype });
    twins.set(value.id, add('Transpose', value, { perm: toFirst }, twin, 'layout'));
    return twin;
  };
  /** An operand that broadcasts against maps. */
  const operand = (value: Value): Value => {
    if (isMap(value)) return asFirst(value);
    const { shape, dtype } = value.spec;
    if (sizeOf(shape) === 1) return value;
    if (shape.length === 1) {
      const known = twins.get(value.id);
      if (known) return known;
      const column = [...shape, 1, 1];
      twins.set(value.id, add('Reshape', value, { shape: column }, makeValue({ shape: column, dtype }), 'layout'));
      return twins.get(value.id) as Value;
    }
    const whole = [...Array<number>(4 - shape.length).fill(1), ...shape];
    return asFirst(add('Reshape', value, { shape: whole }, makeValue({ shape: whole, dtype }), 'layout'));
  };
  const place = (node: Node, inputs: readonly Value[], attributes: Node['attributes']) => {
    const outputs = node.outputs.map((value) => {
      const twin = makeValue({ shape: permuted(value.spec.shape), dtype: value.spec.dtype });
      twins.set(value.id, twin);
      pending.add(value.id);
      return twin;
    });
    nodes.push({ ...node, inputs, attributes, outputs });
  };
  for (const node of graph.nodes) {
    const maps = mapKernels[node.kernel];
    if (maps) {
      const inputs = node.inputs.map((value, i) =>
        maps.includes(node.inputNames[i] as string) ? asFirst(value) : asLast(value),
      );
      place(node, inputs, { ...node.attributes, ...channelsFirst });
      continue;
    }
    const isFollowing = node.inputs.some((value) => pending.has(value.id));
    const attributes = isFollowing ? movedAttributes(node) : undefined;
    if (!attributes) {
      nodes.push({ ...node, inputs: node.inputs.map(asLast) });
    } else if (node.outputs.every(isMap)) {
      place(node, node.inputs.map(operand), attributes);
    } else {
      nodes.push({ ...node, inputs: node.inputs.map(operand), attributes });
    }
  }
  for (const { value } of graph.outputs) asLast(value);
  return { ...graph, nodes };
}

/** The node's attributes when its maps are channels first; nothing when it must see them channels last. */
function movedAttributes(node: Node): Node['attributes'] | undefined {
  const { kernel, attributes, inputs } = node;
  const spec = (inputs[0] as Value).spec;
  if (elementwise.has(kernel)) {
    // A condition of lower rank picks rows, it does not broadcast.
    const isPlain = node.outputs.every(isMap) && (kernel !== 'Select' || inputs.every(isMap));
    return isPlain ? attributes : undefined;
  }
  switch (kernel) {
    case 'Concat':
    case 'SplitV':
      return { ...attributes, axis: moved(attributes.axis as number) };
    case 'Sum':
    case 'Mean':
    case 'Max':
    case 'Min':
      return movedReduction(attributes, spec);
    case 'PadV2': {
      const paddings = attributes.paddings as readonly unknown[];
      return { ...attributes, paddings: toFirst.map((axis) => paddings[axis]) };
    }
    case 'Slice': {
      const [begin, size] = [attributes.begin, attributes.size] as [unknown, unknown];
      if (!Array.isArray(begin) || !Array.isArray(size) || begin.length !== 4 || size.length !== 4) return undefined;
      return { ...attributes, begin: toFirst.map((axis) => begin[axis]), size: toFirst.map((axis) => size[axis]) };
    }
    default:
      return undefined;
  }
}

function movedReduction(attributes: Node['attributes'], { shape }: TensorSpec): Node['attributes'] | undefined {
  const key = attributes.axis === undefined ? 'reductionIndices' : 'axis';
  const given = attributes[key];
  const axes = (given === undefined || given === null ? shape.map((_, axis) => axis) : [given].flat()) as number[];
  const whole = axes.map((axis) => (axis < 0 ? axis + 4 : axis));
  const isGone = (axis: number) => whole.includes(axis);
  // What stays must stay in its order: channels alone, or rows and columns alone.
  const keepsOrder = isGone(3) || (isGone(1) && isGone(2));
  if (!attributes.keepDims && !keepsOrder) return undefined;
  return { ...attributes, [key]: whole.map(moved).sort((a, b) => a - b) };
}
