import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { expect, it, vi } from 'vitest';

it('the example of the README prints what it says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const expected = /prints\n\n```\n([\s\S]*?)```/.exec(readme)?.[1];
  const directory = await mkdtemp(join(tmpdir(), 'refclip-readme-'));
  const before = process.cwd();
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const source = pathToFileURL(join(import.meta.dirname, 'index.ts')).href;
    await writeFile(join(directory, 'example.ts'), code.replace("'@refclip/data'", `'${source}'`));
    process.chdir(directory);
    await import(join(directory, 'example.ts'));
    expect(log.mock.calls.map((values) => `${format(...values)}\n`).join('')).toBe(expected);
  } finally {
    log.mockRestore();
    process.chdir(before);
    await rm(directory, { recursive: true });
  }
});
