import { parentPort, workerData } from 'node:worker_threads';
import { RefclipError, type RefclipErrorCode } from '@refclip/structures';
import { openSession } from './asking-session.js';
import type { OpenModelOptions } from './open-model-options.js';
import type { Answer, OpenedModel, Picture } from './opened-model.js';

/** What a thread is started with. */
export interface AskingWorkerData {
  readonly file: string;
  readonly options: OpenModelOptions;
}

/** A question to a thread. */
export interface AskingRequest {
  readonly id: number;
  readonly picture: Picture;
  readonly expressions: readonly string[];
}

/** Errors come as their parts, since a class does not survive the way between threads. */
export interface SentError {
  readonly code: RefclipErrorCode | null;
  readonly message: string;
}

/** What a thread says: once that it is ready, or why it cannot be; then an answer to each request. */
export type AskingReply =
  | { readonly ready: Pick<OpenedModel, 'name' | 'engine' | 'words' | 'notes'> }
  | { readonly failed: SentError }
  | { readonly id: number; readonly answers: readonly Answer[] }
  | { readonly id: number; readonly error: SentError };

const asSent = (error: unknown): SentError => ({
  code: RefclipError.isInstance(error) ? error.code : null,
  message: error instanceof Error ? error.message : String(error),
});

const port = parentPort;
if (port) {
  const say = (reply: AskingReply) => port.postMessage(reply);
  const { file, options } = workerData as AskingWorkerData;
  try {
    const model = await openSession(file, options);
    // Programs are compiled when they are first used: a thread that says it is ready is.
    const known = model.words.find((word) => /^[a-z]+$/.test(word)) ?? 'object';
    await model.ground({ pixels: new Uint8Array(3), width: 1, height: 1 }, [known]);
    port.on('message', async (request: AskingRequest | 'close') => {
      if (request === 'close') {
        await model.close();
        port.close();
        return;
      }
      const { id, picture, expressions } = request;
      try {
        say({ id, answers: await model.ground(picture, expressions) });
      } catch (error) {
        say({ id, error: asSent(error) });
      }
    });
    const { name, engine, words, notes } = model;
    say({ ready: { name, engine, words, notes } });
  } catch (error) {
    say({ failed: asSent(error) });
  }
}
