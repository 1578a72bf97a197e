import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, test } from 'vitest';
import { createEngine, type Engine, type NamedHostTensors, type Program, recordProgram } from '../src/index.js';
import { gradientProgram, joined, outputsOf, specsOf, valueProgram, weightOf } from './conformance/case-programs.js';
import { type ConformanceCase, type TestedEngine, testedEngines } from './conformance/conformance-case.js';
import { conformanceCases } from './conformance/conformance-cases.js';
import { kernelCoverage, supportTable } from './conformance/kernel-coverage.js';
import { numericGradients } from './conformance/numeric-gradients.js';

const engines = new Map<TestedEngine, Engine>();
for (const engine of testedEngines) engines.set(engine, await createEngine({ engine }));
afterAll(async () => {
  for (const engine of engines.values()) await engine.dispose();
});

async function runOn(engine: TestedEngine, name: string, program: Program, inputs: NamedHostTensors) {
  const executable = await (engines.get(engine) as Engine).compile(program, { name, inputs: specsOf(inputs) });
  try {
    return await executable.run(inputs);
  } finally {
    await executable.dispose();
  }
}

async function checkValues(engine: TestedEngine, entry: ConformanceCase): Promise<void> {
  const outputs = outputsOf(await runOn(engine, entry.name, valueProgram(entry), entry.inputs));
  const { rtol = 2e-5, atol = 1e-6 } = entry;
  // Shapes and types are tfjs's own, from a program recorded once.
  const graph = recordProgram(valueProgram(entry), { name: entry.name, inputs: specsOf(entry.inputs) });
  expect(graph.nodes.map(({ kernel }) => kernel)).toContain(entry.kernel);
  expect(outputs.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(graph.outputs.map(({ value }) => value.spec));
  const expected =
    entry.expected ?? joined(outputsOf(await runOn('cpu', entry.name, valueProgram(entry), entry.inputs)));
  expect(joined(outputs)).toBeAllClose(expected, { rtol, atol, equalNan: true });
}

async function checkGradients(engine: TestedEngine, entry: ConformanceCase): Promise<void> {
  const gradients = await runOn(engine, entry.name, gradientProgram(entry), entry.inputs);
  const values = async (inputs: NamedHostTensors) =>
    joined(outputsOf(await runOn('cpu', entry.name, valueProgram(entry), inputs))).reduce(
      (sum, y, i) => sum + y * weightOf(i),
      0,
    );
  const expected = await numericGradients(values, entry.inputs, entry.gradient ?? [], entry.step);
  for (const name of entry.gradient ?? []) {
    // Central differences of float32 values: their own error is of this size.
    expect(gradients[name]?.data as Float32Array, name).toBeAllClose(expected[name] as Float64Array, {
      rtol: 5e-3,
      atol: 3e-3,
    });
  }
}

describe.each(testedEngines)('%s', (engine) => {
  for (const entry of conformanceCases) {
    const reason = entry.except?.[engine];
    if (reason) test.fails(`${entry.name} is known to differ: ${reason}`, () => checkValues(engine, entry));
    else test(entry.name, () => checkValues(engine, entry));
    if (!entry.gradient) continue;
    const known = entry.exceptGradient?.[engine];
    if (known)
      test.fails(`gradient of ${entry.name} is known to differ: ${known}`, () => checkGradients(engine, entry));
    else test(`gradient of ${entry.name}`, () => checkGradients(engine, entry));
  }
});

test('case names are unique', () => {
  const names = conformanceCases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('eager runs leave no tensors behind', async () => {
  const entry = conformanceCases[0] as ConformanceCase;
  await runOn('cpu', entry.name, valueProgram(entry), entry.inputs);
  const before = tf.memory().numTensors;
  await runOn('cpu', entry.name, valueProgram(entry), entry.inputs);
  expect(tf.memory().numTensors).toBe(before);
});

describe('coverage', () => {
  const kernelsOf = (name: string, program: Program, inputs: NamedHostTensors) =>
    new Set(recordProgram(program, { name, inputs: specsOf(inputs) }).nodes.map(({ kernel }) => kernel));
  const isImpossible = ({ exceptGradient }: ConformanceCase) => Boolean(exceptGradient?.compiled);
  const dispatched = new Map(
    conformanceCases.map((entry) => [
      entry,
      {
        values: kernelsOf(entry.name, valueProgram(entry), entry.inputs),
        gradients:
          entry.gradient && !isImpossible(entry)
            ? kernelsOf(entry.name, gradientProgram(entry), entry.inputs)
            : new Set<string>(),
      },
    ]),
  );
  const coverage = kernelCoverage(conformanceCases, dispatched);

  test('every kernel that can be compiled is tested', () => {
    const untested = coverage.filter(({ compiled, values, gradients }) => compiled && values + gradients === 0);
    expect(untested.map(({ kernel }) => kernel)).toEqual([]);
  });

  test('the support table in docs is up to date', async () => {
    await expect(supportTable(coverage)).toMatchFileSnapshot('../../../docs/runtime-support.md');
  });
});
