import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { vi } from 'vitest';

/** What a package's README claims, and what its example printed. */
export interface ReadmeRun {
  readonly printed: string;
  /** The block after "prints", or undefined when there is none. */
  readonly claimed: string | undefined;
}

/**
 * Runs the first TypeScript block of a package's README against the package's sources.
 *
 * @param folder  of the package, which is also where other imports are resolved from.
 * @param name    of the package, as the example imports it.
 */
export async function runReadmeExample(folder: string, name: string): Promise<ReadmeRun> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!code) throw new Error(`${folder}/README.md has no TypeScript example`);
  const reports = join(folder, '.reports');
  await mkdir(reports, { recursive: true });
  const file = join(reports, 'readme-example.ts');
  await writeFile(file, code.replaceAll(`'${name}'`, `'${pathToFileURL(join(folder, 'src/index.ts')).href}'`));
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    lines.push(`${format(...values)}\n`);
  });
  try {
    await import(/* @vite-ignore */ `${file}?${Date.now()}`);
  } finally {
    log.mockRestore();
  }
  return { printed: lines.join(''), claimed: /prints\n\n```\n([\s\S]*?)```/.exec(readme)?.[1] };
}
