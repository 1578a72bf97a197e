import { expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.js';

it('keeps every byte however it grows', () => {
  for (let first = 1000; first < 1050; first++) {
    const writer = new ByteWriter().bytes(new Uint8Array(first).fill(7));
    writer
      .text('abc')
      .uint8(1, 2)
      .uint16(0x0403)
      .uint32(0x08070605)
      .int32(-1)
      .uint64(2 ** 40)
      .float64BigEndian(1.5);
    writer.bytes(new Uint8Array(5000).fill(9));
    const expected = Buffer.alloc(first + 29 + 5000, 7);
    expected.write(
      'abc\x01\x02\x03\x04\x05\x06\x07\x08\xff\xff\xff\xff\0\0\0\0\0\x01\0\0\x3f\xf8\0\0\0\0\0\0',
      first,
      'latin1',
    );
    expected.fill(9, first + 29 + 2);
    expect(Buffer.from(writer.finish())).toEqual(
      Buffer.concat([expected, Buffer.alloc(2, 9)]).subarray(0, writer.length),
    );
    expect(writer.length).toBe(first + 31 + 5000);
  }
});
