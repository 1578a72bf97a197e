import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RefclipError, UsageError } from '@refclip/structures';
import type { AskingReply, AskingRequest, AskingWorkerData, SentError } from './asking-worker.js';
import { assertExpressions } from './assert-expressions.js';
import { assertPicture } from './assert-picture.js';
import type { OpenModelOptions } from './open-model-options.js';
import type { Answer, OpenedModel, Picture } from './opened-model.js';

interface Question {
  readonly request: AskingRequest;
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Asked {
  readonly worker: Worker;
  /** The question that it works on. */
  question: Question | undefined;
}

type Ready = Pick<OpenedModel, 'name' | 'engine' | 'words' | 'notes'>;

/**
 * Opens a model in threads, each of which holds it once. Questions wait in one line and go to the first thread that is free, so the calling thread never waits for a
 * program.
 *
 * @param workers  how many, from 1.
 * @throws as `openModel`.
 */
export async function openPool(file: string, workers: number, options: OpenModelOptions): Promise<OpenedModel> {
  const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
  const data: AskingWorkerData = { file, options: { ...options, threads, workers: 0 } };
  // The first compiles for all where programs are kept.
  const first = await startWorker(data);
  const others = await Promise.allSettled(Array.from({ length: workers - 1 }, () => startWorker(data)));
  const started = [first, ...others.flatMap((other) => (other.status === 'fulfilled' ? [other.value] : []))];
  const failure = others.find((other) => other.status === 'rejected');
  if (failure) {
    await Promise.all(started.map(({ worker }) => worker.terminate()));
    throw failure.reason;
  }

  const pool: Asked[] = started.map(({ worker }) => ({ worker, question: undefined }));
  const waiting: Question[] = [];
  let nextId = 0;
  let death: Error | undefined;
  let closed: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;

  const serve = () => {
    for (const thread of pool) {
      if (thread.question) continue;
      thread.question = waiting.shift();
      if (thread.question) thread.worker.postMessage(thread.question.request);
    }
    if (!waiting.length && pool.every(({ question }) => !question)) onIdle?.();
  };
  const die = (cause: Error) => {
    if (closed && !waiting.length && pool.every(({ question }) => !question)) return;
    death ??= new Error(`internal: a thread of the model ended (${cause.message}).`, { cause });
    for (const { reject } of [...waiting.splice(0), ...pool.flatMap(({ question }) => question ?? [])]) reject(death);
    for (const thread of pool) thread.question = undefined;
    serve();
  };
  for (const thread of pool) {
    thread.worker.on('message', (reply: AskingReply) => {
      const { question } = thread;
      if (!question || !('id' in reply)) return;
      thread.question = undefined;
      if ('answers' in reply) question.resolve(reply.answers);
      else question.reject(rebuiltError(reply.error));
      serve();
    });
    thread.worker.on('error', die);
    thread.worker.on('exit', (code) => die(new Error(`exit code ${code}`)));
  }

  const close = () => {
    closed ??= (async () => {
      if (waiting.length || pool.some(({ question }) => question)) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await Promise.all(
        pool.map(
          ({ worker }) =>
            new Promise<unknown>((resolve) => {
              // A thread that has ended already says so no more.
              if (death) resolve(worker.terminate());
              else {
                worker.once('exit', resolve);
                worker.postMessage('close');
              }
            }),
        ),
      );
    })();
    return closed;
  };
  return {
    ...first.ready,
    engine: `${first.ready.engine}; ${workers} ${workers === 1 ? 'thread answers' : 'threads answer'}`,
    async ground(picture, expressions) {
      if (closed) throw new UsageError('ground: the model was closed. Open it again.');
      if (death) throw death;
      // Here, since what is wrong may not be sendable.
      assertPicture(picture);
      assertExpressions(expressions);
      return await new Promise<readonly Answer[]>((resolve, reject) => {
        const request = { id: nextId++, picture: sendable(picture), expressions: [...expressions] };
        waiting.push({ request, resolve, reject });
        serve();
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What can be sent to a thread: a `URL` cannot, nor what else an object of somebody's own may hold beside its pixels. */
function sendable(picture: Picture): Picture {
  if (picture instanceof URL) return picture.href;
  if (typeof picture === 'string' || picture instanceof Uint8Array) return picture;
  const { pixels, width, height } = picture;
  return { pixels, width, height };
}

async function startWorker(workerData: AskingWorkerData): Promise<{ readonly worker: Worker; readonly ready: Ready }> {
  // The built worker lies beside the built package. In the repository there is only its source, which tsx loads.
  const built = new URL('./asking-worker.js', import.meta.url);
  const worker = existsSync(fileURLToPath(built))
    ? new Worker(built, { workerData })
    : new Worker(new URL('./asking-worker-from-source.mjs', import.meta.url), {
        execArgv: ['--conditions=@refclip/source'],
        workerData,
      });
  try {
    const ready = await new Promise<Ready>((resolve, reject) => {
      const onExit = (code: number) => reject(new Error(`internal: a thread of the model ended with code ${code}.`));
      worker.once('error', reject);
      worker.once('exit', onExit);
      worker.once('message', (reply: AskingReply) => {
        worker.off('error', reject);
        worker.off('exit', onExit);
        if ('ready' in reply) resolve(reply.ready);
        else reject(rebuiltError('failed' in reply ? reply.failed : { code: null, message: 'no first message' }));
      });
    });
    return { worker, ready };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

/** An error of a thread, with its code: its class and fields did not survive the way. */
function rebuiltError({ code, message }: SentError): Error {
  return code ? new RefclipError(code, message) : new Error(message);
}
