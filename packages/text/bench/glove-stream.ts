// Rate and peak memory of reading a large text of word vectors: `pnpm bench [gigabytes]`. The text is made as it is read, so no disk is measured.

import { performance } from 'node:perf_hooks';
import { readGloveVectors } from '../src/word-vectors/read-glove-vectors.js';
import { WordVectorTable } from '../src/word-vectors/word-vector-table.js';

const gigabytes = Number(process.argv[2] ?? 5);
const [dimension, wanted, step] = [300, 20_000, 100];
const numbers = Array.from({ length: dimension }, (_, d) => Math.sin(d).toFixed(5)).join(' ');
const lineBytes = 9 + numbers.length + 1;
const lines = Math.ceil((gigabytes * 1e9) / lineBytes);

/** Lines "w0000000 n n n …", in pieces of about 1 MiB that end anywhere. */
async function* text() {
  const perPiece = Math.floor((1 << 20) / lineBytes);
  for (let from = 0; from < lines; from += perPiece) {
    let piece = '';
    for (let line = from; line < Math.min(from + perPiece, lines); line++) {
      piece += `w${String(line).padStart(7, '0')} ${numbers}\n`;
    }
    yield Buffer.from(piece, 'latin1');
  }
}

const before = process.memoryUsage().rss;
const table = new WordVectorTable(
  Array.from({ length: wanted }, (_, i) => (i === 0 ? 'none' : `w${String(i * step).padStart(7, '0')}`)),
);
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);
const started = performance.now();
await readGloveVectors(text(), table, 'generated');
const seconds = (performance.now() - started) / 1000;
clearInterval(watch);
console.log(
  JSON.stringify({
    gigabytes,
    lines,
    found: wanted - table.missing.length,
    seconds: Math.round(seconds),
    megabytesPerSecond: Math.round((gigabytes * 1000) / seconds),
    matrixMegabytes: Math.round((wanted * dimension * 4) / 1e6),
    rssBeforeMegabytes: Math.round(before / 1e6),
    peakRssMegabytes: Math.round(Math.max(peak, process.resourceUsage().maxRSS * 1024) / 1e6),
  }),
);
