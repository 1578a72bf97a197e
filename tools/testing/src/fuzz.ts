import { mulberry32 } from './generators.js';

/** A reader and good files for it, from which broken ones are made. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
}

/** What became of the inputs of one reader. */
export interface FuzzResult {
  readonly inputs: number;
  /** The others were read. */
  readonly refused: number;
  readonly slowestMs: number;
}

/** What {@link fuzz} needs. */
export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Whether a reader may refuse an input by this error. */
  readonly isRefusal: (error: unknown) => boolean;
}

/**
 * Reads so many broken files: cut, with flipped bits, changed bytes, absurd lengths, repeated, removed or foreign pieces.
 *
 * @throws {Error} at the first that fails by an error that is no refusal, with the bytes of the input.
 */
export async function fuzz(target: FuzzTarget, { inputs, seed, isRefusal }: FuzzOptions): Promise<FuzzResult> {
  let refused = 0;
  let slowestMs = 0;
  for (let input = 0; input < inputs; input++) {
    const bytes = breakFile(target.seeds, (seed * 7919 + input * 104_729) >>> 0);
    const start = performance.now();
    try {
      await target.read(bytes);
    } catch (error) {
      if (!isRefusal(error)) {
        const shown = Buffer.from(bytes).toString('base64');
        throw new Error(`${target.name}, seed ${seed}, input ${input}: ${(error as Error).stack}\n${shown}`, {
          cause: error,
        });
      }
      refused++;
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  return { inputs, refused, slowestMs };
}

const absurd = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

/** One of the files, broken in one to four places. */
export function breakFile(seeds: readonly Uint8Array[], seed: number): Uint8Array {
  const u = mulberry32(seed, 64);
  let drawn = 0;
  const below = (n: number) => Math.floor((u[drawn++ % 64] as number) * n);
  let bytes = Buffer.from(seeds[below(seeds.length)] as Uint8Array);
  for (let round = 1 + below(4); round > 0 && bytes.length > 0; round--) {
    const at = below(bytes.length);
    const length = 1 + below(Math.min(32, bytes.length - at));
    switch (below(7)) {
      case 0:
        bytes = bytes.subarray(0, at);
        break;
      case 1:
        bytes[at] = (bytes[at] as number) ^ (1 << below(8));
        break;
      case 2:
        bytes[at] = below(256);
        break;
      case 3:
        if (at + 4 <= bytes.length) bytes.writeUInt32LE(absurd[below(absurd.length)] as number, at);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      default: {
        const other = seeds[below(seeds.length)] as Uint8Array;
        const from = below(other.length);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at)]);
      }
    }
  }
  return bytes;
}
