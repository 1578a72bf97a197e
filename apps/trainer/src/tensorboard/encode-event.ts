import protobuf from 'protobufjs';
import { crc32c } from './crc32c.js';

/**
 * The part of TensorBoard's event format that is written here, with the field numbers of its published description.
 *
 * @see https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto (event.proto, summary.proto)
 */
const { root } = protobuf.parse(
  `syntax = "proto3";
package tensorboard;
message Summary {
  message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
  message Value { string tag = 1; optional float simple_value = 2; Image image = 4; }
  repeated Value value = 1;
}
message Event { double wall_time = 1; int64 step = 2; optional string file_version = 3; Summary summary = 5; }`,
  { keepCase: true },
);

const eventType = root.lookupType('tensorboard.Event');

/** A picture of an event: a PNG file. */
export interface EventImage {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What happened at a step. */
export interface EventContent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly images?: Readonly<Record<string, EventImage>>;
}

const rgb = 3;

/** One event as a record of an event file. */
export function encodeEvent({ wallTime, step, scalars = {}, images = {} }: EventContent): Uint8Array {
  const value = [
    ...Object.entries(scalars).map(([tag, simple_value]) => ({ tag, simple_value })),
    ...Object.entries(images).map(([tag, { png, width, height }]) => ({
      tag,
      image: { width, height, colorspace: rgb, encoded_image_string: png },
    })),
  ];
  return encodeRecord({ wall_time: wallTime, step, summary: { value } });
}

/** The record that opens an event file. @param wallTime seconds since 1970. */
export function encodeFileVersion(wallTime: number): Uint8Array {
  return encodeRecord({ wall_time: wallTime, file_version: 'brain.Event:2' });
}

/** Length, its checksum, the event, its checksum: the framing of TFRecord files. */
function encodeRecord(event: Readonly<Record<string, unknown>>): Uint8Array {
  const data = eventType.encode(eventType.fromObject(event)).finish();
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}

/** Rotated and shifted, since a checksum of bytes that hold their own checksum is weak. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
