// Everything that is measured, one after another: full size beside tfjs-wasm and PyTorch, a small training step, starts; ratios at the end, all as JSON.
//   pnpm bench [--rounds 5] [--json FILE]     (after a build, which `pnpm bench` does; default bench.json in packages/core)
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string' }, json: { type: 'string', default: 'bench.json' } },
});
const source = ['--import', 'tsx', '--conditions=@refclip/source'];
const rounds = options.rounds ? ['--rounds', options.rounds] : [];
const run = (file, before, after) => {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [...before, script, ...after], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = (stdout ?? '').trim().split('\n');
  console.log(lines.slice(0, -1).join('\n'));
  if (status !== 0) throw new Error(`${file} ended with ${status}`);
  return JSON.parse(lines.at(-1));
};

const fullSize = run('full-size.bench.ts', source, rounds);
const trainStep = run('train-step.bench.ts', source, []);
const start = run('start.bench.mjs', [], rounds);
const ratios = {
  ...Object.fromEntries(
    Object.entries(fullSize.ratios).flatMap(([what, row]) =>
      Object.entries(row).map(([name, { ms }]) => [`full size, ${what}: ${name}`, ms]),
    ),
  ),
  'small training step: compiled/wasm': Number((trainStep.compiledMs / trainStep.wasmMs).toFixed(3)),
};
const report = { ratios, fullSize, trainStep, start };
console.log('ratios of times, smaller is better for the compiled engine:');
console.table(ratios);
console.log(JSON.stringify(report));
await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
