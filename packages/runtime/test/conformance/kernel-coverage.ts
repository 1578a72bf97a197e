import * as tf from '@tensorflow/tfjs';
import { createKernelTable } from '../../src/kernels/kernel-table.js';
import { type ConformanceCase, testedEngines } from './conformance-case.js';

/** What the suite shows about one kernel. */
export interface KernelCoverage {
  readonly kernel: string;
  readonly compiled: boolean;
  readonly cpu: boolean;
  readonly wasm: boolean;
  /** Number of cases about its values. */
  readonly values: number;
  /** Number of cases whose gradient is checked, or that use the kernel inside a checked gradient. */
  readonly gradients: number;
  /** Known differences, engine by engine. */
  readonly known: readonly string[];
}

/**
 * @param dispatched  kernels that each case's value program and gradient program call.
 */
export function kernelCoverage(
  cases: readonly ConformanceCase[],
  dispatched: ReadonlyMap<
    ConformanceCase,
    { readonly values: ReadonlySet<string>; readonly gradients: ReadonlySet<string> }
  >,
): KernelCoverage[] {
  const table = createKernelTable();
  const names = new Set([...table.keys(), ...tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName)]);
  const official = new Set<unknown>(Object.values(tf).filter((value) => typeof value === 'string'));
  return [...names]
    .filter((name) => official.has(name))
    .sort()
    .map((kernel) => {
      const about = cases.filter((entry) => entry.kernel === kernel);
      const known = about.flatMap((entry) =>
        testedEngines.flatMap((engine) => [
          ...(entry.except?.[engine] ? [`${engine}: ${entry.except[engine]}`] : []),
          ...(entry.exceptGradient?.[engine] ? [`${engine}, gradient: ${entry.exceptGradient[engine]}`] : []),
        ]),
      );
      return {
        kernel,
        compiled: table.has(kernel),
        cpu: Boolean(tf.getKernel(kernel, 'cpu')),
        wasm: Boolean(tf.getKernel(kernel, 'wasm')),
        values: cases.filter((entry) => dispatched.get(entry)?.values.has(kernel)).length,
        gradients: cases.filter((entry) => dispatched.get(entry)?.gradients.has(kernel)).length,
        known: [...new Set(known)],
      };
    });
}

/** The support table as Markdown. */
export function supportTable(coverage: readonly KernelCoverage[]): string {
  const mark = (has: boolean) => (has ? '✓' : '—');
  const supported = coverage.filter(({ compiled }) => compiled);
  const rows = supported.map(
    ({ kernel, compiled, cpu, wasm, values, gradients, known }) =>
      `| ${kernel} | ${mark(compiled)} | ${mark(cpu)} | ${mark(wasm)} | ${values} | ${gradients} | ${known.join('; ')} |`,
  );
  const rest = coverage.filter(({ compiled }) => !compiled).map(({ kernel }) => kernel);
  return [
    '# What the runtime supports',
    '',
    'Written by `pnpm --filter @refclip/runtime support-table`; the tests compare it with the code.',
    '',
    '* **compiled, cpu, wasm**: whether the engine runs the kernel (wasm includes the kernels that the runtime adds to tfjs).',
    '* **values, gradients**: how many conformance cases run it forwards, and inside a gradient that is held against differences.',
    '* **known differences**: where an engine gives something else; the tests check that each still does.',
    '',
    `${supported.length} kernels are compiled.`,
    '',
    '| kernel | compiled | cpu | wasm | values | gradients | known differences |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'Not compiled; a program that calls one is refused by name, and runs on the eager engines that have it:',
    `${rest.join(', ')}.`,
    '',
  ].join('\n');
}
