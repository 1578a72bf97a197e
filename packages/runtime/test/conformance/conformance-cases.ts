import type { ConformanceCase } from './conformance-case.js';
import { elementwiseCases } from './elementwise-cases.js';
import { indexCases } from './index-cases.js';
import { mapCases } from './map-cases.js';
import { reductionCases } from './reduction-cases.js';
import { shapeCases } from './shape-cases.js';

/** Every case of the suite. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...elementwiseCases,
  ...shapeCases,
  ...reductionCases,
  ...indexCases,
  ...mapCases,
];
