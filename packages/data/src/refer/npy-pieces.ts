import type { RunLengths } from '@refclip/formats';

/**
 * NumPy's file of a uint8 array `[height, width]` of 0 and 1, in row order.
 *
 * @param runs  alternating lengths of 0s and 1s, down the columns.
 */
export function npyPieces(runs: RunLengths, width: number, height: number): Uint8Array[] {
  const pixels = new Uint8Array(width * height);
  let at = 0;
  runs.forEach((run, index) => {
    const end = at + run;
    // Run lengths go down the columns, the file along the rows.
    if (index % 2) for (let i = at; i < end; i++) pixels[(i % height) * width + Math.floor(i / height)] = 1;
    at = end;
  });
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11);
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  prefix.writeUInt16LE(header.length + 1, 8);
  return [prefix, Buffer.from(`${header}\n`, 'latin1'), pixels];
}
