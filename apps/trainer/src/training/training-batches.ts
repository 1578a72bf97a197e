import type { ImageBatch, ModelImage, TrainingRecord } from '@refclip/app-shared';
import type { CounterRandom } from '@refclip/nn';
import { hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { encodeBoxTargets } from '@refclip/students';
import { type DrawnPair, planEpoch } from './epoch-plan.js';
import type { TrainingSetup } from './prepare-training.js';

interface DrawnRecord extends TrainingRecord {
  readonly text: string;
}

/**
 * The batches of one epoch as inputs of the training step: what the model reads of images, `tokens`, and for a model that learns from boxes `targets` and,
 * when they count, `weights`.
 *
 * A batch's memory is written again when the next one is asked for.
 *
 * @param from  batches of this epoch that were taken before.
 */
export async function* trainingBatches(
  setup: TrainingSetup,
  random: CounterRandom,
  { epoch, from }: { readonly epoch: number; readonly from: number },
): AsyncGenerator<NamedHostTensors, void, void> {
  const { dataset, source, config } = setup;
  const { batchSize } = config.training;
  const counts = dataset.train.map(({ expressions }) => expressions.length);
  const pairs = planEpoch(random, epoch, counts, batchSize).slice(from).flat();
  const drawn = pairs.map(({ record, expression }: DrawnPair): DrawnRecord => {
    const item = dataset.train[record] as TrainingRecord;
    return { ...item, text: item.expressions[expression] as string };
  });
  for await (const batch of source.batches(drawn, batchSize)) yield collate(setup, batch);
}

function collate(
  { reader, dataset, config }: TrainingSetup,
  { items, inputs, images }: ImageBatch<DrawnRecord>,
): NamedHostTensors {
  const texts = items.map(({ text }) => text);
  const tokens = hostTensor(dataset.vocabulary.encode(texts, reader.maxTokens), [items.length, reader.maxTokens]);
  if (reader.supervision === 'none') return { ...inputs, tokens };
  const labels = items.map(({ box }, at) => ({ box, letterbox: (images[at] as ModelImage).letterbox }));
  const targets = encodeBoxTargets(labels);
  if (!config.supervision.weightByScore) return { ...inputs, tokens, targets };
  const weights = hostTensor(
    Float32Array.from(items, ({ score }) => score),
    [items.length],
  );
  return { ...inputs, tokens, targets, weights };
}
