import { definePackage } from '@refclip/build/tsup';

export default definePackage({
  index: 'src/index.ts',
  'refclip-data': 'src/cli/refclip-data.ts',
});
