import { expect, test } from 'vitest';
import type { OnnxModel } from '../lower/onnx-proto.js';
import { withStopOutput } from '../lower/with-stop-output.js';
import { canStop } from './can-stop.js';
import { doublingModel, doublingSpec as spec } from './doubling-model.js';
import { OnnxSession } from './onnx-session.js';

const open = (model: OnnxModel) => OnnxSession.create(async () => model, { provider: 'cpu', threads: 1 });

test('the ONNX Runtime that is installed stops before it copies', async () => {
  expect(await canStop('cpu')).toBe(true);
});

test.each([
  ['with a stop', withStopOutput(doublingModel)],
  ['without one', doublingModel],
])('outputs are written where they are wanted, %s', async (_, model) => {
  const session = await open(model);
  const y = new Float32Array(2);
  const into = { y: session.tensor({ ...spec, data: y }) };
  for (const value of [1, 2]) {
    await session.runInto({ x: session.tensor({ ...spec, data: Float32Array.of(value, -value) }) }, into);
    expect([...y]).toEqual([2 * value, -2 * value]);
  }
  const wrong = { ...spec, shape: [3], data: new Float32Array(3) };
  await expect(session.runInto({ x: session.tensor(wrong) }, into)).rejects.toThrow(/invalid dimensions|shape/i);
  expect([...y]).toEqual([4, -4]);
  await session.release();
});
