import { defineTests } from '@refclip/build/vitest';

export default defineTests({ exclude: ['test/**/*.shared.test.ts', 'node_modules'] });
