import { defineTests } from '@refclip/build/vitest';

export default defineTests({
  include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  exclude: ['**/node_modules/**', 'test/**/*.shared.test.ts'],
});
