import { decodeHalvesModule } from './decode-halves-module.js';

interface Decoder {
  readonly halves: Uint16Array;
  readonly floats: Float32Array;
  /** @param end bytes of halves, a multiple of 8. */
  readonly decode: (end: number) => void;
}

/** Halves that the module's memory holds at a time: both sides of the conversion stay in the processor's cache. */
const chunk = 16_384;
let decoder: Decoder | undefined | null;
let table: Float32Array | undefined;

/**
 * Decodes IEEE half-precision bits by WebAssembly with SIMD (`decode-halves.wat`): the numbers of {@link decodeHalvesByTable} in a fraction of its time.
 *
 * @param target  as long as `halves`.
 * @returns false, with nothing done, where the machine has no SIMD.
 */
export function decodeHalvesBySimd(halves: Uint16Array, target: Float32Array): boolean {
  if (decoder === undefined) decoder = instantiate();
  if (!decoder) return false;
  for (let start = 0; start < halves.length; start += chunk) {
    const part = halves.subarray(start, start + chunk);
    decoder.halves.set(part);
    decoder.decode(Math.ceil(part.length / 4) * 8);
    target.set(decoder.floats.subarray(0, part.length), start);
  }
  return true;
}

/** The same by a look-up of each pattern. */
export function decodeHalvesByTable(halves: Uint16Array, target: Float32Array): void {
  table ??= Float32Array.from({ length: 1 << 16 }, (_, pattern) => numberOf(pattern));
  for (let i = 0; i < halves.length; i++) target[i] = table[halves[i] as number] as number;
}

function numberOf(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

function instantiate(): Decoder | null {
  const { WebAssembly: engine } = globalThis as unknown as { readonly WebAssembly: WasmEngine };
  const bytes = Buffer.from(decodeHalvesModule, 'base64');
  if (!engine.validate(bytes)) return null;
  const { memory, decode } = new engine.Instance(new engine.Module(bytes)).exports;
  return {
    halves: new Uint16Array(memory.buffer, 0, chunk),
    floats: new Float32Array(memory.buffer, 2 * chunk, chunk),
    decode,
  };
}

/** What is used of the global `WebAssembly`, whose types belong to the library of browsers. */
interface WasmEngine {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; readonly decode: Decoder['decode'] } };
}
