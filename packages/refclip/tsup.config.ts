import { definePackage } from '@refclip/build/tsup';

export default definePackage({
  index: 'src/index.ts',
  'asking-worker': 'src/asking/asking-worker.ts',
});
