import { relative } from 'node:path';

/**
 * A vitest reporter for many packages at a time: a failure is printed at once, with its difference and place, and a package is one line when it has finished.
 *
 * @returns {import('vitest/node').Reporter}
 */
export function lineReporter() {
  const started = performance.now();
  const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
  const folder = process.cwd().split(/[\\/]/).slice(-2).join('/');
  let brokenFiles = 0;

  /** @param {string} name @param {readonly { message?: string, diff?: string, stack?: string }[]} errors */
  function printFailure(name, errors) {
    const told = errors.map(({ message, diff, stack }) => {
      const places = (stack ?? '').split('\n').filter((line) => /^\s+at .*[\\/](src|test)[\\/]/.test(line));
      return [message, diff, ...places.slice(0, 3)].filter(Boolean).join('\n');
    });
    console.log(`FAILED ${folder} ${name}\n${told.join('\n')}`);
  }

  return {
    onTestCaseResult(test) {
      const { state, errors } = test.result();
      counts[state]++;
      if (state === 'failed')
        printFailure(`${relative(process.cwd(), test.module.moduleId)} > ${test.fullName}`, errors);
    },
    onTestModuleEnd(module) {
      const errors = module.errors();
      if (errors.length === 0) return;
      brokenFiles++;
      printFailure(relative(process.cwd(), module.moduleId), errors);
    },
    onTestRunEnd(_modules, unhandled) {
      if (unhandled.length) printFailure('outside of a test', unhandled);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      const broken = brokenFiles ? `, ${brokenFiles} file(s) did not run` : '';
      console.log(`${folder}: ${counts.passed} passed, ${counts.failed} failed${broken}, ${seconds} s`);
    },
  };
}
