// Exported models side by side: accuracy on a split and milliseconds per image, in plain ONNX Runtime, interleaved.
//   pnpm --filter trainer bench:exported --config ../../configs/sample.yaml --split val [--rounds 3] EXPORTED…
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, loadDataset, userPath } from '@refclip/app-shared';
import { accuracyAtIou } from '@refclip/eval';
import { decodeImage, letterboxPixels } from '@refclip/images';
import { boxIou, letterboxToImage, type XyxyBox } from '@refclip/structures';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: join(import.meta.dirname, '../../../configs/sample.yaml') },
    split: { type: 'string', default: 'val' },
    rounds: { type: 'string', default: '1' },
  },
});
const dataset = await loadDataset(await loadConfig(userPath(options.config)), [options.split], false);
const items = dataset.evaluation.get(options.split) ?? [];
const models = await Promise.all(
  positionals.map(async (folder) => {
    const path = userPath(folder);
    const { graphs, vocabulary, precision } = JSON.parse(await readFile(join(path, 'model.json'), 'utf8'));
    const image = await InferenceSession.create(join(path, 'image.onnx'));
    const locate = await InferenceSession.create(join(path, 'locate.onnx'));
    const side: number = graphs.image.inputs.images.shape[1];
    const ious = new Float64Array(items.length);
    const maxTokens: number = graphs.locate.inputs.tokens.shape[1];
    return { folder, precision, image, locate, side, maxTokens, known: vocabulary.length, ious, times: [] as number[] };
  }),
);
for (const { folder, known } of models)
  if (known !== dataset.vocabulary.size) throw new Error(`${folder} has another vocabulary than the data`);
const groups = new Map<string, number[]>();
for (const [at, { key }] of items.entries()) groups.set(key, [...(groups.get(key) ?? []), at]);
for (const group of groups.values()) {
  const first = items[group[0] as number];
  if (!first) continue;
  const decoded = await decodeImage(first.file);
  for (const { side, maxTokens, image, locate, ious, times } of models) {
    const { pixels, letterbox } = letterboxPixels(decoded, side);
    const feeds = { images: new Tensor('uint8', pixels, [1, side, side, 3]) };
    const encoded = await image.run(feeds);
    for (let round = 0; round < Number(options.rounds); round++) {
      const started = performance.now();
      await image.run(feeds);
      times.push(performance.now() - started);
    }
    for (const at of group) {
      const item = items[at] as (typeof items)[number];
      const tokens = new Tensor('int32', dataset.vocabulary.encode([item.expression], maxTokens), [1, maxTokens]);
      const { box } = await locate.run({ ...encoded, tokens });
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = (box?.data ?? []) as Float32Array;
      ious[at] = boxIou(letterboxToImage([x1, y1, x2, y2], letterbox), item.truth as XyxyBox);
    }
  }
}
const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] as number;
console.log(
  `${items.length} expressions of ${options.split}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`,
);
for (const { folder, precision, ious, times } of models)
  console.log(
    `${precision} (${folder}): accuracy ${accuracyAtIou(ious).toFixed(2)} %, image.onnx ${median(times).toFixed(1)} ms (median of ${times.length})`,
  );
