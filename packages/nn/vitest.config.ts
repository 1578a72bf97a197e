import { defineTests } from '@refclip/build/vitest';

const config = defineTests();
// Node gets these as `--conditions`; with `import` among them, `require('long')` inside tfjs would load the wrong file.
config.ssr = { resolve: { conditions: ['@refclip/source', 'node'], externalConditions: ['@refclip/source', 'node'] } };

export default config;
