// supervision
export { type BoxLabel, encodeBoxTargets } from './supervision/encode-box-targets.js';
