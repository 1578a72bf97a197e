import { defineTests } from '@refclip/build/vitest';

export default defineTests({
  include: ['test/**/*.shared.test.ts'],
  reporters: ['default', ['json', { outputFile: '.reports/shared.json' }]],
});
