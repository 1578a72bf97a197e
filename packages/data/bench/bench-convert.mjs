// Converts and checks a generated data set of RefCOCO's size (50,000 refs, 142,000 expressions, 20,000 images, 200,000 annotations with polygons) beside the
// obvious Python (json + pickle): seconds, processor seconds, peak memory; versions interleaved, medians.
//
//   node bench/bench-convert.mjs [FOLDER] [rounds]     after `tsup`; Linux or macOS, python3; the set (170 MB) is made once in FOLDER
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { findPython } from '@refclip/testing/find-python';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = findPython(['json']);
if (!python) process.exit(1);
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'refclip-bench-'));
const rounds = Number(process.argv[3] ?? 5);
const inFolder = (name) => join(folder, name);

function run(command, args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return { seconds, ...JSON.parse(stderr.trim().split('\n').at(-1)) };
}
const refclip = (...args) =>
  run(process.execPath, ['--import', path('print-usage.mjs'), path('../dist/refclip-data.js'), ...args]);

if (!existsSync(inFolder('instances.json'))) {
  const { status, stderr } = spawnSync(python, [path('make-refer-set.py'), folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
if (!existsSync(inFolder('images'))) {
  mkdirSync(inFolder('images'));
  const { images } = JSON.parse(readFileSync(inFolder('instances.json'), 'utf8'));
  for (const { file_name } of images) writeFileSync(join(folder, 'images', file_name), '');
}

const refer = [
  'convert',
  '--from',
  'refer',
  '--input',
  folder,
  '--dataset',
  'refcoco',
  '--split-by',
  'unc',
  '--output',
  inFolder('refclip.json'),
];
const runs = {
  'Python, json + pickle': () => run(python, [path('convert-refer.py'), folder, inFolder('python.json')]),
  'refclip-data convert': () => refclip(...refer),
  'refclip-data convert --masks': () => refclip(...refer, '--masks', inFolder('masks')),
  'refclip-data check --no-decode': () =>
    refclip('check', inFolder('refclip.json'), '--images', inFolder('images'), '--no-decode'),
  'refclip-data stats': () => refclip('stats', inFolder('refclip.json')),
};
const results = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) for (const [name, one] of Object.entries(runs)) results[name].push(one());
const readResult = (name) => JSON.parse(readFileSync(inFolder(name), 'utf8'));
const equal = isDeepStrictEqual(readResult('python.json'), readResult('refclip.json'));
console.log(`the two conversions are ${equal ? 'equal' : 'DIFFERENT'}`);

const median = (name, field) => results[name].map((result) => result[field]).sort((a, b) => a - b)[rounds >> 1];
const base = median('Python, json + pickle', 'seconds');
for (const name of Object.keys(runs)) {
  const [seconds, cpu, peakMiB] = ['seconds', 'cpu', 'peakMiB'].map((field) => median(name, field));
  console.log(
    `${name.padEnd(31)} ${seconds.toFixed(2)} s (${(seconds / base).toFixed(2)} × Python), ${cpu.toFixed(2)} s of processor, ${peakMiB.toFixed(0)} MiB`,
  );
}
