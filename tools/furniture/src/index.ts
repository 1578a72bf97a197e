export { calledAs } from './command-line/called-as.js';
export { makeWholeFile } from './files/make-whole-file.js';
export { WholeFile } from './files/whole-file.js';
export { writeFailure } from './files/write-failure.js';
export { writeWholeFile } from './files/write-whole-file.js';
export { exitOnSignals } from './signals/exit-on-signals.js';
export { yieldToSignals } from './signals/yield-to-signals.js';
