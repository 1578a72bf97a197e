import { defineTests } from '@refclip/build/vitest';

export default defineTests({ include: ['src/**/*.test.ts'] });
