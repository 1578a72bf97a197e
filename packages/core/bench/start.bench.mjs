// Start of the full-size grounding program: process start to ready and to the first answer, without and with the disk cache, and peak memory.
//   pnpm bench:start [--rounds 3] [--json FILE]     (runs the built packages, as an application would: `pnpm build` first)
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
    child: { type: 'string', multiple: true },
  },
});
const words = 10_000;

if (options.child) {
  const [weights, cacheDirectory] = options.child;
  const { createGrounder, createRefClip } = await import('@refclip/core');
  const { deferWeights } = await import('@refclip/referring');
  const { createEngine } = await import('@refclip/runtime');
  const { deformConv2dLowering } = await import('@refclip/vision');
  const loaded = performance.now();
  const model = createRefClip({ words });
  const { values } = await deferWeights(weights, model.parameters, { digests: cacheDirectory });
  const read = performance.now();
  const engine = await createEngine({
    engine: 'compiled',
    device: 'cpu',
    cacheDirectory,
    lowerings: [deformConv2dLowering],
  });
  const grounder = createGrounder({ engine, model, values });
  await grounder.prepare();
  const ready = performance.now();
  const image = new Uint8Array(416 * 416 * 3).fill(100);
  await grounder.embedImages(await grounder.detect([image]));
  await grounder.embedTexts(new Int32Array(model.options.maxTokens).fill(5));
  const answered = performance.now();
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const rounded = Object.entries({ loaded, read, ready, answered, peakMiB }).map(([name, value]) => [
    name,
    Math.round(value),
  ]);
  console.log(JSON.stringify(Object.fromEntries(rounded)));
  process.exit(0);
}

const { createRefClip } = await import('@refclip/core');
const { saveWeights } = await import('@refclip/referring');
const { initializeParameters } = await import('@refclip/nn');
const folder = await mkdtemp(join(tmpdir(), 'refclip-start-'));
try {
  const model = createRefClip({ words });
  const weights = join(folder, 'weights.safetensors');
  await saveWeights(weights, model.parameters, initializeParameters(model.parameters, 1));
  const start = (cache) => {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', weights, '--child', cache], {
      encoding: 'utf8',
    });
    const line = child.stdout.trim().split('\n').at(-1);
    if (child.status !== 0 || !line) throw new Error(child.stderr);
    return JSON.parse(line);
  };
  const rows = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const cache = join(folder, `cache-${round}`);
    rows.push({ start: 'cold', ...start(cache) }, { start: 'warm', ...start(cache) });
    await rm(cache, { recursive: true });
  }
  const median = (start, key) =>
    rows
      .filter((row) => row.start === start)
      .map((row) => row[key])
      .sort((a, b) => a - b)[rows.length >> 2];
  const summary = ['cold', 'warm'].map((kind) => ({
    start: kind,
    readyMs: median(kind, 'ready'),
    firstAnswerMs: median(kind, 'answered'),
    peakMiB: median(kind, 'peakMiB'),
  }));
  console.table(rows);
  console.table(summary);
  const report = { bench: 'start', load: loadavg()[0], summary, rows };
  console.log(JSON.stringify(report));
  if (options.json) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
