import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createQuietProgress } from './create-quiet-progress.js';
import { createProgress } from './progress.js';
import { withProgress } from './with-progress.js';

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('the time left is that of the items that come after, too', () => {
  const progress = createProgress('epoch 1/3', 10, 'steps', { ahead: 20 });
  vi.advanceTimersByTime(10_000);
  progress.update(5, 'loss 1');
  progress.finish();
  expect(lines).toEqual([
    'epoch 1/3: 5/10 steps, 0.5/s, 50 s of the run left loss 1\n',
    'epoch 1/3: 10 steps in 10 s loss 1\n',
  ]);
});

test('what was done before a run was resumed does not count as fast', () => {
  const progress = createProgress('epoch 1/1', 100, 'steps', { from: 90 });
  vi.advanceTimersByTime(10_000);
  progress.update(95);
  expect(lines).toEqual(['epoch 1/1: 95/100 steps, 0.5/s, 10 s left \n']);
});

test('short work says nothing, long work from two seconds on', () => {
  const short = createQuietProgress('evaluating val', 3, 'images');
  vi.advanceTimersByTime(1000);
  short.update(1);
  vi.advanceTimersByTime(5000);
  short.update(3);
  short.finish();
  expect(lines).toEqual([]);
  const long = createQuietProgress('evaluating val', 100, 'images');
  vi.advanceTimersByTime(3000);
  long.update(10);
  vi.advanceTimersByTime(10_000);
  long.update(60);
  long.finish();
  expect(lines).toEqual(['evaluating val: 60/100 images, 5.0/s, 8 s left \n', 'evaluating val: 100 images in 10 s \n']);
});

test('bytes are shown as people count them', () => {
  const progress = createProgress('reading a.zip', 3 << 20, 'bytes');
  vi.advanceTimersByTime(10_000);
  progress.update(1 << 20);
  progress.finish();
  expect(lines).toEqual(['reading a.zip: 1 MiB of 3 MiB, 102 KiB/s, 20 s left \n', 'reading a.zip: 3 MiB in 10 s \n']);
});

test('work that tells its own size is quiet when short, and done only when it is', async () => {
  const work = (ms: number, fails = false) =>
    withProgress('drawing', 'scenes', async (onProgress) => {
      vi.advanceTimersByTime(ms);
      onProgress(1, 4);
      vi.advanceTimersByTime(10_000);
      onProgress(2, 4);
      if (fails) throw new RangeError('no more');
      return 7;
    });
  expect(await work(3000)).toBe(7);
  expect(lines).toEqual(['drawing: 2/4 scenes, 0.1/s, 20 s left \n', 'drawing: 4 scenes in 10 s \n']);
  lines.length = 0;
  await expect(work(3000, true)).rejects.toThrow('no more');
  expect(lines).toEqual(['drawing: 2/4 scenes, 0.1/s, 20 s left \n']);
  lines.length = 0;
  await withProgress('drawing', 'scenes', async (onProgress) => onProgress(4, 4));
  expect(lines).toEqual([]);
});
