// The full-size model against numbers of PyTorch on the compiled engine: forward pass and one training step.
import { createEngine } from '@refclip/runtime';
import { deformConv2dLowering } from '@refclip/vision';
import { paritySuite } from './parity-suite.js';

paritySuite('compiled', () => createEngine({ engine: 'compiled', lowerings: [deformConv2dLowering] }));
