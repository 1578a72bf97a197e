import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoteArgument } from './quote-argument.js';

test('leaves plain words and paths as they are', () => {
  expect(quoteArgument('/runs/a-1/best_2.safetensors')).toBe('/runs/a-1/best_2.safetensors');
});

test.skipIf(process.platform === 'win32').each(['', 'my runs/best', "it's", '$HOME `id` "x" \\ *', 'a\nb', '–'])(
  'a shell reads %j back',
  (text) => {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${quoteArgument(text)}`], { encoding: 'utf8' })).toBe(text);
  },
);
