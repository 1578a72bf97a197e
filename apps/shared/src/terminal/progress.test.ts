import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress, createQuietProgress } from './progress.js';

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
