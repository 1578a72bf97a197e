import { definePackage } from '@refclip/build/tsup';

export default definePackage({ index: 'src/index.ts', 'refclip-text': 'src/cli/refclip-text.ts' });
