import { definePackage } from '@refclip/build/tsup';

export default definePackage({ index: 'src/index.ts' });
