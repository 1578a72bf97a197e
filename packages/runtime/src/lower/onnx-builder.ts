import { Buffer } from 'node:buffer';
import type { LowerContext, OnnxAttribute } from '../kernels/kernel-definition.js';
import type { DType, HostTensor, TensorSpec } from '../types.js';
import { type OnnxAttributeProto, type OnnxNode, type OnnxTensor, type OnnxValueInfo, onnxType } from './onnx-proto.js';

/** Collects ONNX nodes and constants; equal small constants and equal transposes are made once. */
export class OnnxBuilder implements LowerContext {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  #names = 0;
  readonly #shared = new Map<string, string>();
  readonly #transposed = new Map<string, { readonly source: string; readonly permutation: readonly number[] }>();

  name(prefix: string): string {
    return `${prefix}_${this.#names++}`;
  }

  op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute | undefined>> = {},
  ): string {
    return this.ops(type, inputs, attributes, 1)[0] as string;
  }

  ops(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute | undefined>>,
    outputs: number,
  ): readonly string[] {
    const output = Array.from({ length: outputs }, () => this.name(type));
    const attribute = Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined ? [] : [encodeAttribute(name, value)],
    );
    this.nodes.push({ op_type: type, name: this.name('node'), input: inputs, output, attribute });
    return output;
  }

  int64(values: readonly number[]): string {
    return this.#once(`int64 ${values.join()}`, (name) => {
      const bytes = new BigInt64Array(values.map((value) => BigInt(value)));
      return { name, dims: [values.length], data_type: onnxType.int64, raw_data: asBytes(bytes) };
    });
  }

  constant(tensor: HostTensor, name?: string): string {
    const make = (label: string): OnnxTensor => ({
      name: label,
      dims: tensor.shape,
      data_type: onnxType[tensor.dtype],
      raw_data: asBytes(tensor.data),
    });
    if (!name && tensor.data.length <= 16) {
      const content = Array.from(tensor.data, (value) => (Object.is(value, -0) ? '-0' : value)).join();
      return this.#once(`${tensor.dtype} [${tensor.shape.join()}] ${content}`, make);
    }
    const label = name ?? this.name('constant');
    this.initializers.push(make(label));
    return label;
  }

  scalar(value: number, dtype: DType): string {
    const data =
      dtype === 'float32' ? Float32Array.of(value) : dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value);
    return this.constant({ data, shape: [], dtype });
  }

  cast(value: string, dtype: DType | 'int64' | 'double'): string {
    return this.op('Cast', [value], { to: onnxType[dtype] });
  }

  transpose(value: string, permutation: readonly number[]): string {
    const before = this.#transposed.get(value);
    const source = before?.source ?? value;
    const whole = before ? permutation.map((axis) => before.permutation[axis] as number) : [...permutation];
    if (whole.every((axis, i) => axis === i)) return source;
    const key = `transpose ${source} ${whole.join()}`;
    const known = this.#shared.get(key);
    if (known) return known;
    const result = this.op('Transpose', [source], { perm: whole });
    this.#shared.set(key, result);
    this.#transposed.set(result, { source, permutation: whole });
    return result;
  }

  isConstant(value: string): boolean {
    return this.initializers.some(({ name }) => name === value);
  }

  #once(key: string, make: (name: string) => OnnxTensor): string {
    const known = this.#shared.get(key);
    if (known) return known;
    const name = this.name('constant');
    this.initializers.push(make(name));
    this.#shared.set(key, name);
    return name;
  }
}

/** A boundary value's description. */
export function valueInfo(name: string, { shape, dtype }: TensorSpec): OnnxValueInfo {
  return {
    name,
    type: { tensor_type: { elem_type: onnxType[dtype], shape: { dim: shape.map((dim_value) => ({ dim_value })) } } },
  };
}

const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

function encodeAttribute(name: string, value: OnnxAttribute): OnnxAttributeProto {
  if (typeof value === 'number') return { name, type: attributeTypes.int, i: value };
  if (typeof value === 'string') return { name, type: attributeTypes.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

function asBytes(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
