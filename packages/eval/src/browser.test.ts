import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('bundles for a browser: neither Node nor a package of npm is imported by the core entry', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['@refclip/source'],
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((input) => input.includes('node_modules'))).toEqual([]);
  expect(inputs.filter((input) => input.includes('src/files/') || input.includes('src/cli'))).toEqual([]);
  const text = outputFiles[0]!.text;
  expect(text).not.toMatch(/\b(process|Buffer|require)\b\s*[.(]/);
  // It also runs without the globals of Node.
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  expect(module.accuracyAtIou([0.9, 0.1])).toBe(50);
});
