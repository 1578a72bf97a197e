import { parentPort, workerData } from 'node:worker_threads';
import { type Letterbox, RefclipError } from '@refclip/structures';
import { setCompiledImageKernels } from '../decode/image-kernels.js';
import { loadLetterboxed } from '../letterbox/load-letterboxed.js';

/** What a worker is asked for. */
export interface DecodeRequest {
  readonly id: number;
  readonly file: string;
  readonly size: number;
  readonly record: string;
  /** Where the image goes, `[size, size, 3]`. */
  readonly memory: SharedArrayBuffer;
}

/** What a worker is started with. */
export interface DecodeWorkerData {
  readonly imageKernels: WebAssembly.Module | null;
}

/** What it answers. Errors of this project come as their parts, since a class does not survive the way between threads. */
export type DecodeReply =
  | { readonly id: number; readonly letterbox: Letterbox }
  | { readonly id: number; readonly code: string; readonly message: string };

/** While one image is resized here, the next is decoded by libvips beside this thread. */
const together = 2;

const port = parentPort;
if (port) {
  setCompiledImageKernels((workerData as DecodeWorkerData).imageKernels);
  const waiting: DecodeRequest[] = [];
  let running = 0;
  const work = async () => {
    running++;
    for (let request = waiting.shift(); request; request = waiting.shift()) {
      const { id, file, size, record, memory } = request;
      try {
        const { letterbox } = await loadLetterboxed(file, size, record, new Uint8Array(memory));
        port.postMessage({ id, letterbox } satisfies DecodeReply);
      } catch (error) {
        const code = RefclipError.isInstance(error) ? error.code : 'internal';
        port.postMessage({ id, code, message: (error as Error).message } satisfies DecodeReply);
      }
    }
    running--;
  };
  port.on('message', (request: DecodeRequest) => {
    waiting.push(request);
    if (running < together) void work();
  });
}
