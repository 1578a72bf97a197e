/**
 * Lets the event loop take a turn, in which signals are delivered, and stops where one asked for it. Node.js hands signals to their listeners between turns
 * only, so a loop of long blocking calls never learns of one without this.
 *
 * @throws the reason of `signal` when it is aborted.
 */
export async function yieldToSignals(signal?: AbortSignal): Promise<void> {
  // The first turn may begin after the place where signals are read, the second is a whole one.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  signal?.throwIfAborted();
}
