// Run after a build: node bench/throughput.mjs. Prints medians; numpy beside them where a Python has it.

import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from '@refclip/testing/find-python';
import { AccuracyAccumulator, bootstrapMean, matchedIou } from '../dist/index.js';

const pairs = 10_000_000;
const rows = 1_000_000;

function median(run, runs = 5) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return times.sort((a, b) => a - b)[runs >> 1];
}

let state = 1;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
const box = () => {
  const [x, y] = [random() * 100, random() * 100];
  return [x, y, x + 1 + random() * 100, y + 1 + random() * 100];
};

// First of all: a child's peak memory is never below what this process held when it started it.
const folder = await mkdtemp(join(tmpdir(), 'refclip-bench-'));
try {
  const file = join(folder, 'million.jsonl');
  const stream = createWriteStream(file);
  for (let id = 0; id < rows; id++) {
    const row = {
      id,
      imageId: id >> 3,
      split: 'val',
      expression: 'the second man from the left',
      box: box(),
    };
    const line = `${JSON.stringify({ ...row, boxFormat: 'xyxy', score: random(), truth: box() })}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  const { size } = await stat(file);
  const cli = fileURLToPath(new URL('../bin/refclip-eval.js', import.meta.url));
  const script = `process.on('exit', () => { const use = process.resourceUsage(); console.error('peak', use.maxRSS / 1024, 'cpu', (use.userCPUTime + use.systemCPUTime) / 1e6); }); process.argv = [process.argv[0], ${JSON.stringify(cli)}, 'score', '--predictions', ${JSON.stringify(file)}, '--json']; await import(${JSON.stringify(cli)});`;
  let [cpu, peak, status] = [0, 0, 0];
  const wall = median(() => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    status ||= child.status;
    cpu = Number(/cpu ([\d.]+)/.exec(child.stderr)?.[1]);
    peak = Math.max(peak, Number(/peak ([\d.]+)/.exec(child.stderr)?.[1]));
    if (child.status !== 0) console.log(child.stderr.slice(0, 500));
  }, 3);
  console.log(
    `million-row JSONL (${Math.round(size / 1e6)} MB) scored: ${wall.toFixed(2)} s (the last: ${cpu.toFixed(2)} s of processor), peak ${peak.toFixed(0)} MB, exit ${status}`,
  );
} finally {
  await rm(folder, { recursive: true });
}

const boxes = () => {
  const values = new Float64Array(4 * pairs);
  for (let i = 0; i < values.length; i += 4) {
    values[i] = random() * 100;
    values[i + 1] = random() * 100;
    values[i + 2] = values[i] + 1 + random() * 100;
    values[i + 3] = values[i + 1] + 1 + random() * 100;
  }
  return values;
};
const [a, b, out] = [boxes(), boxes(), new Float64Array(pairs)];
let result;
const seconds = median(() => {
  const accuracy = new AccuracyAccumulator({ thresholds: [0.5] });
  accuracy.addAll(matchedIou(a, b, out));
  result = accuracy.result().accuracy['0.5'];
});
console.log(`IoU and accuracy: ${(pairs / seconds / 1e6).toFixed(1)} million pairs/s (accuracy ${result.toFixed(3)})`);

const verdicts = Float64Array.from({ length: 10_834 }, () => (random() < 0.6 ? 100 : 0));
const images = Int32Array.from(verdicts, (_, i) => Math.floor(i / 7.2));
console.log(
  `bootstrap by image, 10,000 × 10,834: ${median(() => bootstrapMean(verdicts, { clusters: images })).toFixed(3)} s`,
);
console.log(`bootstrap by expression: ${median(() => bootstrapMean(verdicts)).toFixed(3)} s`);

const python = findPython(['numpy']);
const numpy =
  python &&
  execFileSync(
    python,
    [
      '-c',
      `
import time
import numpy as np
rng = np.random.default_rng(0)
n = ${pairs}
def boxes():
    xy = rng.random((n, 2)) * 100
    return np.concatenate([xy, xy + 1 + rng.random((n, 2)) * 100], 1)
a, b = boxes(), boxes()
times = []
for _ in range(3):
    t = time.perf_counter()
    wh = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None)
    i = wh[:, 0] * wh[:, 1]
    area = lambda q: (q[:, 2] - q[:, 0]) * (q[:, 3] - q[:, 1])
    (i / (area(a) + area(b) - i) > 0.5).mean()
    times.append(time.perf_counter() - t)
print(f"numpy {np.__version__}: {n / sorted(times)[1] / 1e6:.1f} million pairs/s")
`,
    ],
    { encoding: 'utf8' },
  );
if (numpy) console.log(numpy.trim());
