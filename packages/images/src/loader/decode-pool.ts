import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DataFormatError, FileError } from '@refclip/structures';
import { compiledImageKernels } from '../decode/image-kernels.js';
import type { LetterboxedImage } from '../letterbox/letterbox-pixels.js';
import { loadLetterboxed } from '../letterbox/load-letterboxed.js';
import type { DecodeReply, DecodeRequest, DecodeWorkerData } from './decode-worker.js';

interface Job {
  readonly request: DecodeRequest;
  readonly worker: number;
  readonly resolve: (image: LetterboxedImage) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads that decode and letterbox images. Close it, or the process does not end. */
export class DecodePool {
  readonly #workers: readonly Worker[];
  /** Requests that each thread has not answered. */
  readonly #load: number[];
  readonly #jobs = new Map<number, Job>();
  /** Shared memory for one image each, which nobody uses now: fresh memory for every image costs time by page faults and garbage collection. */
  readonly #free: SharedArrayBuffer[] = [];
  #nextId = 0;
  #failure: Error | undefined;
  #closing = false;

  /** @param count  threads; 0 decodes on the calling thread. */
  constructor(count: number) {
    this.#load = Array.from({ length: count }, () => 0);
    this.#workers = this.#load.map((_, index) => {
      const worker = startWorker();
      worker.on('message', (reply: DecodeReply) => this.#settle(reply));
      worker.on('error', (cause) => this.#fail(cause));
      worker.on('exit', (code) => this.#fail(new Error(`thread ${index} ended with code ${code}`)));
      return worker;
    });
  }

  /**
   * Decodes and letterboxes one image; the requests of a thread are served in order. Its pixels are lent: {@link giveBack} them.
   *
   * @throws as {@link loadLetterboxed}; an `internal:` error when the threads died.
   */
  load(file: string, size: number, record: string): Promise<LetterboxedImage> {
    if (!this.#workers.length) return loadLetterboxed(file, size, record);
    return new Promise((resolve, reject) => {
      if (this.#failure || this.#closing) {
        reject(died(record, this.#failure));
        return;
      }
      const worker = this.#load.indexOf(Math.min(...this.#load));
      const length = size * size * 3;
      const free = this.#free.pop();
      const memory = free?.byteLength === length ? free : new SharedArrayBuffer(length);
      const request: DecodeRequest = { id: this.#nextId++, file, size, record, memory };
      this.#jobs.set(request.id, { request, worker, resolve, reject });
      (this.#load[worker] as number)++;
      this.#workers[worker]?.postMessage(request);
    });
  }

  /** Takes back the memory of an image of {@link load}, which is not read any more. */
  giveBack({ pixels }: LetterboxedImage): void {
    if (pixels.buffer instanceof SharedArrayBuffer) this.#free.push(pixels.buffer);
  }

  /** Ends all threads; what they had not finished is rejected. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#rejectAll();
  }

  #settle(reply: DecodeReply): void {
    const job = this.#jobs.get(reply.id);
    if (!job) return;
    this.#jobs.delete(reply.id);
    (this.#load[job.worker] as number)--;
    const { memory } = job.request;
    if ('letterbox' in reply) job.resolve({ pixels: new Uint8Array(memory), letterbox: reply.letterbox });
    else {
      this.#free.push(memory);
      job.reject(rebuiltError(reply, job.request));
    }
  }

  #fail(cause: unknown): void {
    if (this.#closing) return;
    this.#failure ??= cause instanceof Error ? cause : new Error(String(cause));
    this.#rejectAll();
  }

  #rejectAll(): void {
    for (const { request, reject } of this.#jobs.values()) reject(died(request.record, this.#failure));
    this.#jobs.clear();
  }
}

function died(record: string, cause: Error | undefined): Error {
  return new Error(`internal: the decoding threads ended before record ${record} (${cause?.message ?? 'closed'}).`, {
    cause,
  });
}

/** The error of another thread as its class; its message begins with the place, which the constructor adds again. */
function rebuiltError({ code, message }: { code: string; message: string }, { file, record }: DecodeRequest): Error {
  const problem = (place: string) => (message.startsWith(place) ? message.slice(place.length) : message);
  if (code === 'file') return new FileError(file, problem(`${file}: `));
  if (code === 'data-format') return new DataFormatError({ file, record }, problem(`${file}, record ${record}: `));
  return new Error(`internal: record ${record}, ${file}: ${message}`);
}

/** The built worker lies beside the built package. In the repository there is only its source, which tsx loads. */
function startWorker(): Worker {
  const built = new URL('./decode-worker.js', import.meta.url);
  // Compiled once, and made faster once, for all threads.
  const workerData: DecodeWorkerData = { imageKernels: compiledImageKernels() };
  if (existsSync(fileURLToPath(built))) return new Worker(built, { workerData });
  return new Worker(new URL('./decode-worker-from-source.mjs', import.meta.url), {
    execArgv: ['--conditions=@refclip/source'],
    workerData,
  });
}
