import { definePackage } from '@refclip/build/tsup';

export default definePackage({
  index: 'src/index.ts',
  'refclip-runtime': 'src/refclip-runtime.ts',
  'pool-worker': 'src/session/pool-worker.ts',
});
