import { brotliDecompressSync } from 'node:zlib';
import { imageKernelsBinary } from './image-kernels-binary.js';

/** The memory areas of the module, each for one purpose; see `wasm/decode-jpeg.c`. */
export const imageArea = { file: 0, image: 1, square: 2, tables: 3 } as const;

/** What the WebAssembly module of this package computes (`wasm/`), on addresses in its memory. */
export interface ImageKernels {
  readonly memory: WebAssembly.Memory;
  /** Address of a memory area of at least `size` bytes; what it held may be lost, and views of the memory end when it grows. */
  readonly area: (which: number, size: number) => number;
  /** Width of the JPEG in the first area, of `length` bytes; 0 for one that libvips has to decode. */
  readonly begin: (length: number, mostPixels: number) => number;
  readonly height: () => number;
  /** Address of the decoded image, RGB `[height, width, 3]`. */
  readonly decode: () => number;
  readonly resize: (
    source: number,
    target: number,
    targetStride: number,
    width: number,
    height: number,
    across: number,
    down: number,
    rows: number,
  ) => void;
  readonly stackSave: () => number;
  readonly stackRestore: (pointer: number) => void;
}

/** What the module throws when libjpeg-turbo has an error or a warning, by its number. */
class ImageFailure extends Error {}

let compiled: WebAssembly.Module | null | undefined;
let instance: ImageKernels | undefined;

/**
 * Runs `work` on the module of this thread.
 *
 * @returns undefined where the machine has no SIMD, or when the module fails, as it does for damaged files: then another way has to be taken.
 */
export function withImageKernels<T>(work: (kernels: ImageKernels) => T): T | undefined {
  instance ??= instantiate();
  if (!instance) return undefined;
  const stack = instance.stackSave();
  try {
    return work(instance);
  } catch (error) {
    // A failure of the library leaves it ready for the next image; after anything else, such as an access out of bounds, nothing is certain.
    if (error instanceof ImageFailure) instance.stackRestore(stack);
    else instance = undefined;
    if (error instanceof ImageFailure || error instanceof WebAssembly.RuntimeError) return undefined;
    throw error;
  }
}

/** The module, to be handed to other threads; null where the machine has no SIMD. */
export function compiledImageKernels(): WebAssembly.Module | null {
  if (compiled === undefined) {
    const bytes = brotliDecompressSync(Buffer.from(imageKernelsBinary, 'base64'));
    compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  return compiled;
}

/** Takes {@link compiledImageKernels} of another thread. */
export function setCompiledImageKernels(module: WebAssembly.Module | null): void {
  compiled = module;
}

function instantiate(): ImageKernels | undefined {
  const module = compiledImageKernels();
  if (!module) return undefined;
  const fail = (code: number) => {
    throw new ImageFailure(`libjpeg-turbo stopped with message ${code}`);
  };
  const nothing = () => 0;
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const group = imports[from] ?? {};
    imports[from] = group;
    group[name] = name === 'fail' ? fail : nothing;
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  (exports._initialize as (() => void) | undefined)?.();
  return exports as WebAssembly.Exports & ImageKernels;
}
