import { parentPort } from 'node:worker_threads';
import { type Letterbox, RefclipError } from '@refclip/structures';
import sharp from 'sharp';
import { loadLetterboxed } from '../images/load-letterboxed.js';

/** What a worker is asked for. */
export interface DecodeRequest {
  readonly id: number;
  readonly file: string;
  readonly size: number;
  readonly record: string;
}

/** What it answers. Errors of this project come as their parts, since a class does not survive the way between threads. */
export type DecodeReply =
  | { readonly id: number; readonly pixels: Uint8Array; readonly letterbox: Letterbox }
  | { readonly id: number; readonly code: string; readonly message: string };

/** While one image is resized here, the next is decoded by libvips beside this thread. */
const together = 2;

const port = parentPort;
if (port) {
  // The threads are the parallelism; nothing is decoded twice.
  sharp.concurrency(1);
  sharp.cache(false);
  const waiting: DecodeRequest[] = [];
  let running = 0;
  const work = async () => {
    running++;
    for (let request = waiting.shift(); request; request = waiting.shift()) {
      const { id, file, size, record } = request;
      try {
        const { pixels, letterbox } = await loadLetterboxed(file, size, record);
        port.postMessage({ id, pixels, letterbox } satisfies DecodeReply, [pixels.buffer as ArrayBuffer]);
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
