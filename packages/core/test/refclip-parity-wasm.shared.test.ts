// The same on tfjs-wasm, which takes minutes and so is no part of the ordinary run.
import { createEngine } from '@refclip/runtime';
import { paritySuite } from './parity-suite.js';

paritySuite('wasm', () => createEngine({ engine: 'wasm' }), {
  imagesPerRun: 1,
  // One of the 2,688 sampled elements is a tenth of its tensor's rms off: the side of one LeakyReLU.
  gradients: { norm: 1e-3, together: 2e-2, samples: 0.11 },
  // A step with the detector inside keeps more than the 4 GiB that WebAssembly can address.
  wholeModel: false,
});
