import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as library from './index.js';

it('shows an example that prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  const printed: unknown[] = [];
  const body = code.replace(/import \{([^}]*)\} from '@refclip\/eval';/, 'const {$1} = library;');
  new Function('library', 'console', body)(library, { log: (value: unknown) => printed.push(value) });
  expect(printed).toEqual([{ '0.5': 50 }, 50]);
});
