import { defineConfig } from 'tsup';

/**
 * The one build every package uses: ESM, ES2022, types, source maps.
 * Siblings and peers stay imports, so an installation holds one copy of each.
 *
 * @param {Record<string, string>} entry output name → source file, e.g. `{ index: 'src/index.ts' }`
 */
export function definePackage(entry) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    tsconfig: 'tsconfig.build.json',
  });
}
