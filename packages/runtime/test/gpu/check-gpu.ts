// The conformance suite on what reaches a GPU: tfjs's WebGPU backend, and the compiled engine on the devices webgpu and cuda.
//   pnpm --filter @refclip/runtime check:gpu [webgpu] [compiled:webgpu] [compiled:cuda]
// Without names, the two of WebGPU, and CUDA where it works. Where there is no GPU a software adapter does for WebGPU: Debian's chromium brings one,
//   VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json pnpm --filter @refclip/runtime check:gpu
// Ends with 1 when an engine cannot be checked or a case differs that is not among the known differences.
import * as tf from '@tensorflow/tfjs';
import { createEngine, type Engine, type NamedHostTensors, type Program } from '../../src/index.js';
import { gradientProgram, joined, outputsOf, specsOf, valueProgram, weightOf } from '../conformance/case-programs.js';
import type { ConformanceCase } from '../conformance/conformance-case.js';
import { conformanceCases } from '../conformance/conformance-cases.js';
import { numericGradients } from '../conformance/numeric-gradients.js';
import { type GpuEngine, knownDifference } from './known-differences.js';
import { linkWebGpu } from './link-webgpu.js';

tf.enableProdMode();
const reference = await createEngine({ engine: 'cpu' });

async function runOn(engine: Engine, entry: ConformanceCase, program: Program, inputs: NamedHostTensors) {
  const executable = await engine.compile(program, { name: entry.name, inputs: specsOf(inputs) });
  try {
    return await executable.run(inputs);
  } finally {
    await executable.dispose();
  }
}

/** The largest difference beyond `atol + rtol · |expected|`; 0 when all agree. */
function excess(actual: ArrayLike<number>, expected: ArrayLike<number>, rtol: number, atol: number): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    if (Object.is(a, b) || a === b) continue;
    const beyond = Math.abs(a - b) - atol - rtol * Math.abs(b);
    worst = Math.max(worst, Number.isNaN(beyond) ? Number.POSITIVE_INFINITY : beyond);
  }
  return worst;
}

async function checkValues(engine: Engine, entry: ConformanceCase): Promise<void> {
  const actual = joined(outputsOf(await runOn(engine, entry, valueProgram(entry), entry.inputs)));
  const expected =
    entry.expected ?? joined(outputsOf(await runOn(reference, entry, valueProgram(entry), entry.inputs)));
  // WGSL promises sin and cos to an absolute error of 2⁻¹¹, other functions and divisions to a few units in the last place.
  const absolute = /^(Sin|Cos)$/.test(entry.kernel) ? 2 ** -11 : 1e-5;
  const beyond = excess(actual, expected, Math.max(entry.rtol ?? 0, 1e-4), Math.max(entry.atol ?? 0, absolute));
  if (beyond > 0) throw new Error(`values differ by ${beyond.toPrecision(2)} beyond the tolerance`);
}

async function checkGradients(engine: Engine, entry: ConformanceCase): Promise<void> {
  const gradients = await runOn(engine, entry, gradientProgram(entry), entry.inputs);
  const weighted = async (inputs: NamedHostTensors) =>
    joined(outputsOf(await runOn(reference, entry, valueProgram(entry), inputs))).reduce(
      (sum, y, i) => sum + y * weightOf(i),
      0,
    );
  const expected = await numericGradients(weighted, entry.inputs, entry.gradient ?? [], entry.step);
  for (const name of entry.gradient ?? []) {
    const beyond = excess(gradients[name]?.data ?? [], expected[name] as Float64Array, 5e-3, 3e-3);
    if (beyond > 0) throw new Error(`the gradient of ${name} differs by ${beyond.toPrecision(2)} beyond the tolerance`);
  }
}

let unexpected = 0;

async function check(label: GpuEngine, engine: Engine): Promise<void> {
  let passed = 0;
  const known = new Map<string, number>();
  const failures: string[] = [];
  for (const entry of conformanceCases) {
    for (const [what, run, exceptions] of [
      ['values', checkValues, entry.except],
      ['gradient', checkGradients, entry.exceptGradient],
    ] as const) {
      if (what === 'gradient' && !entry.gradient) continue;
      try {
        await run(engine, entry);
        passed++;
      } catch (error) {
        // What the engine, or tfjs itself, gets wrong or cannot do on the processor says nothing about a GPU.
        const onProcessor = label === 'webgpu' ? exceptions?.cpu : (exceptions?.compiled ?? exceptions?.cpu);
        const reason = onProcessor ?? knownDifference(label, what, entry);
        if (reason) known.set(reason, (known.get(reason) ?? 0) + 1);
        else failures.push(`${entry.kernel}, ${what} of "${entry.name}": ${(error as Error).message.split('\n')[0]}`);
      }
    }
  }
  unexpected += failures.length;
  const differing = [...known.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${label}: ${passed} agree, ${differing} differ as is known, ${failures.length} differ otherwise`);
  for (const [reason, count] of known) console.log(`  known, ${count}: ${reason}`);
  for (const failure of failures) console.log(`  ${failure}`);
  await engine.dispose();
}

/** Who made the adapter that WebGPU gave, as far as it says. */
async function adapterName(): Promise<string> {
  const host = globalThis as { navigator?: { gpu?: { requestAdapter(): Promise<{ info?: object } | null> } } };
  const adapter = await host.navigator?.gpu?.requestAdapter();
  const { vendor, architecture, description } = (adapter?.info ?? {}) as Record<string, string | undefined>;
  return [vendor, architecture, description].filter(Boolean).join(', ') || 'unknown';
}

const engines: Readonly<Record<GpuEngine, () => Promise<Engine>>> = {
  webgpu: async () => {
    linkWebGpu();
    const engine = await createEngine({ engine: 'webgpu' });
    console.log(`adapter of tfjs: ${await adapterName()}`);
    return engine;
  },
  'compiled:webgpu': () => createEngine({ engine: 'compiled', device: 'webgpu' }),
  'compiled:cuda': () => createEngine({ engine: 'compiled', device: 'cuda' }),
};
const names = Object.keys(engines) as GpuEngine[];
const asked = process.argv.slice(2);
const strange = asked.filter((name) => !names.includes(name as GpuEngine));
if (strange.length) {
  console.error(`no such engine: ${strange.join(', ')}; there are ${names.join(', ')}`);
  process.exit(2);
}

for (const name of asked.length ? (asked as GpuEngine[]) : names) {
  let engine: Engine;
  try {
    engine = await engines[name]();
  } catch (error) {
    // CUDA needs libraries that few machines have: without being asked for it may be missing.
    const optional = !asked.length && name === 'compiled:cuda';
    console.log(`${name}: ${optional ? 'left out' : 'not checked'}: ${(error as Error).message}`);
    if (!optional) unexpected++;
    continue;
  }
  await check(name, engine);
}
await reference.dispose();
// Dawn keeps threads that would keep the process.
process.exit(unexpected ? 1 : 0);
