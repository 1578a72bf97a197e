// Decode and letterbox: images per second of `loadBatches` on one and two cores beside OpenCV on one thread, versions interleaved, medians. Starting the threads is included.
//
//   node bench/bench-images.mjs FOLDER [images per run] [rounds]     after `tsup`; Linux (taskset), REFCLIP_PYTHON: one that has OpenCV
//   node bench/bench-images.mjs --memory FOLDER [images] [size]      resident memory while many images pass through
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from '@refclip/testing/find-python';
import { loadBatches } from '../dist/index.js';

const size = 416;
const self = fileURLToPath(import.meta.url);
const [mode, ...values] = process.argv[2]?.startsWith('--')
  ? process.argv.slice(2)
  : ['--compare', ...process.argv.slice(2)];
const folder = values[0];
if (!folder) throw new Error('name a folder of JPEG images');

function repeated(count) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  return Array.from({ length: count }, (_, index) => {
    const image = names[index % names.length];
    return { image, file: join(folder, image), record: String(index) };
  });
}

async function rate(count, workers) {
  const start = performance.now();
  let images = 0;
  for await (const { items } of loadBatches(repeated(count), { size, batchSize: 16, workers, reuse: true }))
    images += items.length;
  return (1000 * images) / (performance.now() - start);
}

async function memory(count, side) {
  let images = 0;
  for await (const { items } of loadBatches(repeated(count), { size: side, batchSize: 64, workers: 2 })) {
    const step = Math.ceil(count / 10);
    if (Math.floor((images + items.length) / step) > Math.floor(images / step))
      console.log(`${images + items.length} images: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB resident`);
    images += items.length;
  }
}

function compare(count, rounds) {
  const python = findPython(['cv2']);
  if (!python) throw new Error('OpenCV is what this compares with');
  const number = (command, args) => Number(execFileSync(command, args, { encoding: 'utf8' }));
  const runs = {
    'OpenCV, 1 thread': () =>
      number(python, [
        fileURLToPath(new URL('decode-images.py', import.meta.url)),
        folder,
        String(size),
        String(count),
      ]),
    'loadBatches, 1 core': () =>
      number('taskset', ['-c', '0', process.execPath, self, '--rate', folder, String(count), '1']),
    'loadBatches, 2 cores': () =>
      number('taskset', ['-c', '0,1', process.execPath, self, '--rate', folder, String(count), '2']),
  };
  const rates = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const [name, run] of Object.entries(runs)) rates[name].push(run());
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  const base = median(rates['OpenCV, 1 thread']);
  for (const [name, list] of Object.entries(rates))
    console.log(`${name}: ${median(list).toFixed(0)} images/s (${(median(list) / base).toFixed(2)} × OpenCV)`);
}

if (mode === '--rate') console.log(await rate(Number(values[1]), Number(values[2])));
else if (mode === '--memory') await memory(Number(values[1] ?? 100_000), Number(values[2] ?? size));
else compare(Number(values[1] ?? 2048), Number(values[2] ?? 5));
