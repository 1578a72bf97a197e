export { type Comparison, compareAllClose, type NumbersLike, type Tolerance } from './all-close.js';
export { finiteDifferences } from './finite-differences.js';
export { breakFile, type FuzzOptions, type FuzzResult, type FuzzTarget, fuzz } from './fuzz.js';
export { fnv1a, mulberry32, uniform } from './generators.js';
export {
  compareSummary,
  type ElementRule,
  generateTensor,
  type SummaryTolerance,
  scaledUniform,
  type TensorSummary,
} from './parity.js';
export { runFuzzCampaign } from './run-fuzz-campaign.js';
export { type ReadmeRun, runReadmeExample } from './run-readme-example.js';
