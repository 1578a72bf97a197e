import { defineConfig } from 'vitest/config';
import { lineReporter } from './line-reporter.js';

const conditions = ['@refclip/source', 'module', 'node', 'import', 'default'];
// Node gets these as `--conditions`; with `import` among them, `require('long')` inside tfjs would load the wrong file.
const nodeConditions = ['@refclip/source', 'node'];

/**
 * The one test set-up every package uses. Siblings resolve to their sources, so no build is needed.
 * Results also go to `.reports/tests.json`, from which `tools/checks/summarize-tests.mjs` counts.
 *
 * @param {import('vitest/config').ViteUserConfig['test']} [test] what a package needs beyond the defaults
 */
export function defineTests(test = {}) {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions: nodeConditions, externalConditions: nodeConditions } },
    test: {
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      environment: 'node',
      pool: 'forks',
      maxWorkers: 1,
      // Guards against hangs only: a machine may be busy.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      // Turbo, which runs many packages at a time, names itself to its tasks by this.
      reporters: [process.env.TURBO_HASH ? lineReporter() : 'default', ['json', { outputFile: '.reports/tests.json' }]],
      setupFiles: ['@refclip/testing/setup'],
      ...test,
    },
  });
}
