import { defineTests } from '@refclip/build/vitest';

export default defineTests({ exclude: ['**/node_modules/**', 'test/**/*.shared.test.ts'] });
