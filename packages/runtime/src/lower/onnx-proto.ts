import protobuf from 'protobufjs';

/**
 * The part of the ONNX format that is written here, with the field numbers of its published description.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
const { root } = protobuf.parse(
  `syntax = "proto2";
package onnx;
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message AttributeProto {
  optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
  repeated float floats = 7; repeated int64 ints = 8; optional int32 type = 20;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
  repeated AttributeProto attribute = 5; optional string domain = 7;
}
message TensorProto {
  repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
  repeated StringStringEntryProto external_data = 13; optional int32 data_location = 14;
}
message TensorShapeProto {
  message Dimension { optional int64 dim_value = 1; }
  repeated Dimension dim = 1;
}
message TypeProto {
  message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
  message Sequence { optional TypeProto elem_type = 1; }
  optional Tensor tensor_type = 1; optional Sequence sequence_type = 4;
}
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message ModelProto {
  optional int64 ir_version = 1; optional string producer_name = 2; optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14;
}`,
  { keepCase: true },
);

const model = root.lookupType('onnx.ModelProto');

/** Element types of ONNX. */
export const onnxType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, double: 11 } as const;

/** A tensor of a model file; `external_data` with `data_location` 1 for content kept beside it. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly raw_data?: Uint8Array;
  readonly external_data?: readonly { readonly key: string; readonly value: string }[];
  readonly data_location?: number;
}

/** An attribute of a node. */
export interface OnnxAttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
}

/** An operator call. */
export interface OnnxNode {
  readonly op_type: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttributeProto[];
}

/** The type of a tensor. */
export interface OnnxTensorType {
  readonly tensor_type: {
    readonly elem_type: number;
    readonly shape?: { readonly dim: readonly { readonly dim_value: number }[] };
  };
}

/** A named value at the boundary: a tensor, or a sequence of tensors. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxTensorType | { readonly sequence_type: { readonly elem_type: OnnxTensorType } };
}

/** A whole model. */
export interface OnnxModel {
  readonly ir_version: number;
  readonly producer_name: string;
  readonly opset_import: readonly { readonly domain: string; readonly version: number }[];
  readonly metadata_props?: readonly { readonly key: string; readonly value: string }[];
  readonly graph: {
    readonly name: string;
    readonly node: readonly OnnxNode[];
    readonly initializer: readonly OnnxTensor[];
    readonly input: readonly OnnxValueInfo[];
    readonly output: readonly OnnxValueInfo[];
  };
}

/** The bytes of a model file. */
export function encodeOnnxModel(content: OnnxModel): Uint8Array {
  return model.encode(content as unknown as Record<string, unknown>).finish();
}
