import { expect, test } from 'vitest';
import { yieldToSignals } from './yield-to-signals.js';

test('a signal that came during a blocking call is seen, and its reason thrown', async () => {
  const controller = new AbortController();
  const listener = () => controller.abort(new RangeError('asked to stop'));
  process.once('SIGUSR2', listener);
  process.kill(process.pid, 'SIGUSR2');
  const until = performance.now() + 20;
  while (performance.now() < until);
  expect(controller.signal.aborted).toBe(false);
  await expect(yieldToSignals(controller.signal)).rejects.toThrow(RangeError);
  await yieldToSignals();
});
