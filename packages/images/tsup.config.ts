import { definePackage } from '@refclip/build/tsup';

export default definePackage({
  index: 'src/index.ts',
  'decode-worker': 'src/loader/decode-worker.ts',
});
