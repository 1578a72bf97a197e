import { expect, it } from 'vitest';
import { ConfigError, RefclipError, ShapeError, WeightsError } from './errors.js';

it('recognises its errors by marker, not by class', () => {
  expect(RefclipError.isInstance(new ShapeError({ op: 'f', argument: 'x', expected: [1], actual: [2] }))).toBe(true);
  expect(RefclipError.isInstance(new Error('x'))).toBe(false);
  expect(RefclipError.isInstance(null)).toBe(false);
});

it('carries its numbers as fields and in the message', () => {
  const error = new ShapeError({ op: 'deformConv2d', argument: 'offset', expected: [null, 18], actual: [1, 16] });
  expect(error).toMatchObject({ code: 'shape', op: 'deformConv2d', actual: [1, 16] });
  expect(error.message).toContain('[1, 16]; expected [?, 18]');
});

it('lists every problem at once', () => {
  const weights = new WeightsError('a.pth', { missing: ['p', 'q'], unexpected: ['r'] });
  for (const name of ['p', 'q', 'r']) expect(weights.message).toContain(name);
  const config = new ConfigError('c.yaml', [
    { path: 'a', problem: 'x' },
    { path: 'b.c', problem: 'y' },
  ]);
  expect(config.message).toContain('b.c: y');
});
