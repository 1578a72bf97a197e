import { defineTests } from '@refclip/build/vitest';

export default defineTests();
