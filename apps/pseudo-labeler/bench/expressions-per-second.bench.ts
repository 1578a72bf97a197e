// What an expression costs beside its image: a full-size model with random weights labels photographs with 1, 5 and 20 expressions each.
// Usage: pnpm --filter pseudo-labeler bench <image folder> [images, default 8] [rounds, default 3]

import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatTable, userPath } from '@refclip/app-shared';
import { createGrounder, createRefClip } from '@refclip/core';
import { ImageFolder, type ImageQueries } from '@refclip/data';
import { initializeParameters } from '@refclip/nn';
import { createEngine } from '@refclip/runtime';
import { Vocabulary } from '@refclip/text';
import { deformConv2dLowering } from '@refclip/vision';
import { labelImages } from '../src/labeling/label-images.js';

const [directory, count = '8', rounds = '3'] = process.argv.slice(2);
if (!directory) throw new Error('give an image folder');
const root = userPath(directory);
const folder = await ImageFolder.open(root);
const names = (await readdir(root)).filter((name) => name.endsWith('.jpg')).slice(0, Number(count));
const words = ['left', 'right', 'red', 'blue', 'man', 'woman', 'dog', 'cup', 'the', 'with', 'big', 'small'];
const vocabulary = Vocabulary.fromExpressions(words);
const model = createRefClip({ words: vocabulary.size });
const values = initializeParameters(model.parameters, 1);
const engine = await createEngine({ lowerings: [deformConv2dLowering] });
process.stderr.write(`engine: ${engine.description}\n`);
const detectorBatch = 2;
const detector = createGrounder({ engine, model, values, imageBatch: detectorBatch });
const grounder = createGrounder({ engine, model, values, imageBatch: 4, textBatch: 32 });

function workload(expressions: number): ImageQueries[] {
  return names.map((name, image) => ({
    image: name,
    file: resolve(root, name),
    record: `train ${image}`,
    queries: Array.from({ length: expressions }, (_, expression) => ({
      split: 'train',
      record: image,
      expression,
      text: [0, 1, 2, 3].map((k) => words[(image + expression * (k + 1)) % words.length]).join(' '),
      box: undefined,
    })),
  }));
}

const counts = [1, 5, 20];
const options = {
  model,
  vocabulary,
  folder,
  cache: undefined,
  detector,
  detectorBatch,
  grounder,
  brokenImages: 'fail',
  workers: null,
} as const;
await labelImages(workload(1), options);
const seconds = new Map<number, number[]>(counts.map((expressions) => [expressions, []]));
for (let round = 0; round < Number(rounds); round++) {
  for (const expressions of counts) {
    const started = performance.now();
    await labelImages(workload(expressions), options);
    seconds.get(expressions)?.push((performance.now() - started) / 1000 / names.length);
  }
}
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const perImage = counts.map((expressions) => median(seconds.get(expressions) ?? []));
const first = perImage[0] as number;
const rows = counts.map((expressions, at) => {
  const time = perImage[at] as number;
  const further = expressions === 1 ? '' : `${((100 * (time - first)) / (expressions - 1) / first).toFixed(2)} %`;
  return [String(expressions), time.toFixed(3), (expressions / time).toFixed(1), further];
});
process.stdout.write(
  `${names.length} photographs, no cache, medians of ${rounds} interleaved rounds\n${formatTable(['expressions per image', 's per image', 'expressions/s', 'a further one costs, of the first'], rows)}\n`,
);
await engine.dispose();
