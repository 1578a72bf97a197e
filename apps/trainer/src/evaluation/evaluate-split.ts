import { createQuietProgress, type Dataset, type EvaluationItem, type ImageSource } from '@refclip/app-shared';
import { accuracyAtIou, type Evaluation, evaluatePredictions, type PredictionRecord } from '@refclip/eval';
import { yieldToSignals } from '@refclip/furniture';
import type { LocatedBox, Locator, ModelKind } from '@refclip/referring';
import type { NamedHostTensors } from '@refclip/runtime';
import { boxIou, type Letterbox, letterboxToImage, type XyxyBox } from '@refclip/structures';
import { measureAgreement } from './measure-agreement.js';
import { createRetrieval } from './measure-retrieval.js';

/** What guessing, confidence and an oracle reach on the boxes that a model chooses from; percent of expressions with IoU > 0.5. */
export interface Baselines {
  /** Expected accuracy of a kept anchor drawn at random. */
  readonly randomAnchor: number;
  /** The kept anchor of the highest objectness, whatever the expression. */
  readonly mostConfident: number;
  /** The kept anchor that overlaps the truth most: nothing can be better. */
  readonly bestAnchor: number;
}

/** The result of one split. */
export interface SplitEvaluation {
  readonly split: string;
  /** Percent of the expressions with an annotated box with IoU > 0.5 (strict); `null`: none has one, nobody knows. */
  readonly accuracy: number | null;
  /** Expressions, and those of them with an annotated box. */
  readonly count: number;
  readonly scored: number;
  /** Percent of expressions that find their own picture, see `createRetrieval`; `null` where it was not measured. */
  readonly retrieval: number | null;
  /** Percent of pairs of expressions of one object with one box, see `measureAgreement`; `null` where there are none. */
  readonly agreement: number | null;
  /** Of a model that chooses from boxes it has before it knows the expression. */
  readonly baselines?: Baselines;
  /** In the order of the split. */
  readonly predictions: readonly PredictionRecord[];
  /** Of those with a box, with every case, as a report needs them; absent where none has one. */
  readonly evaluation?: Evaluation;
}

/** What {@link evaluateSplit} needs. */
export interface EvaluateSplitOptions {
  readonly locator: Locator;
  readonly source: ImageSource;
  readonly dataset: Dataset;
  readonly maxTokens: number;
  /** Images per run of the model. */
  readonly batch: number;
  readonly candidates: ModelKind['candidates'];
  /** Whether retrieval is measured too: up to 16 thousand more questions. */
  readonly retrieval: boolean;
  /** Ends it after a batch of images. */
  readonly signal: AbortSignal;
}

/** Predicts a box for every expression of a split, each image encoded once, and scores it with `@refclip/eval`. */
export async function evaluateSplit(split: string, options: EvaluateSplitOptions): Promise<SplitEvaluation> {
  const { locator, source, dataset, maxTokens, batch, candidates, signal } = options;
  const items = dataset.evaluation.get(split) ?? [];
  const groups = groupByKey(items);
  const isScored = items.map(({ truth }) => truth !== null);
  const tally = candidates && isScored.includes(true) ? createTally(items, candidates) : undefined;
  const retrieval = options.retrieval ? createRetrieval(locator, groups.length) : undefined;
  const encode = (expressions: readonly string[]) => dataset.vocabulary.encode(expressions, maxTokens);
  let place = 0;
  const predictions = new Array<PredictionRecord>(items.length);
  const progress = createQuietProgress(`evaluating ${split}`, groups.length, 'images');
  let done = 0;
  const firsts = groups.map((group) => ({ ...(items[group[0] as number] as EvaluationItem), group }));
  for await (const { items: chunk, images } of source.batches(firsts, batch)) {
    await yieldToSignals(signal);
    const encoded = await locator.encodeImages(images.map(({ inputs }) => inputs));
    const asked = chunk.flatMap(({ group }, image) => group.map((at) => ({ at, image })));
    const tokens = encode(asked.map(({ at }) => (items[at] as EvaluationItem).expression));
    const answers = await locator.locate(
      asked.map(({ image }) => encoded[image] as NamedHostTensors),
      tokens,
    );
    asked.forEach(({ at, image }, row) => {
      const { letterbox } = images[image] as { letterbox: Letterbox };
      predictions[at] = predictionOf(items[at] as EvaluationItem, split, answers[row] as LocatedBox, letterbox);
    });
    chunk.forEach(({ group, key }, image) => {
      if (retrieval?.isAsked(place++)) retrieval.add(key, encoded[image] as NamedHostTensors);
      tally?.add(group, encoded[image] as NamedHostTensors, (images[image] as { letterbox: Letterbox }).letterbox);
    });
    done += chunk.length;
    progress.update(done);
  }
  progress.finish();
  const baselines = tally ? { baselines: tally.baselines() } : {};
  const known = predictions.filter((_, at) => isScored[at]);
  const evaluation = known.length ? evaluatePredictions(known, { file: split, keepCases: true }) : undefined;
  const scores = predictions.map(({ score }) => score ?? Number.NaN);
  return {
    split,
    accuracy: evaluation ? accuracyAtIou(evaluation.table.ious) : null,
    count: items.length,
    scored: known.length,
    retrieval: (await retrieval?.measure(items, scores, encode)) ?? null,
    agreement: measureAgreement(
      items,
      predictions.map(({ box }) => box as XyxyBox),
    ),
    ...baselines,
    predictions,
    ...(evaluation ? { evaluation } : {}),
  };
}

/** Scores what a model could have chosen, on the items with a box. */
function createTally(items: readonly EvaluationItem[], candidates: NonNullable<ModelKind['candidates']>) {
  const confident: number[] = [];
  const best: number[] = [];
  const random: number[] = [];
  return {
    add(group: readonly number[], encoded: NamedHostTensors, letterbox: Letterbox) {
      const boxes = candidates(encoded).map(({ box, objectness }) => ({
        box: letterboxToImage(box, letterbox),
        objectness,
      }));
      const surest = boxes.reduce((top, other) => (other.objectness > top.objectness ? other : top));
      for (const at of group) {
        const { truth } = items[at] as EvaluationItem;
        if (!truth) continue;
        const overlaps = boxes.map(({ box }) => boxIou(box, truth));
        confident.push(boxIou(surest.box, truth));
        best.push(Math.max(...overlaps));
        random.push(accuracyAtIou(overlaps));
      }
    },
    baselines: (): Baselines => ({
      randomAnchor: random.reduce((sum, accuracy) => sum + accuracy, 0) / random.length,
      mostConfident: accuracyAtIou(confident),
      bestAnchor: accuracyAtIou(best),
    }),
  };
}

function predictionOf(
  { id, image, expression, truth }: EvaluationItem,
  split: string,
  { box, score, confidence }: LocatedBox,
  letterbox: Letterbox,
): PredictionRecord {
  return {
    id,
    imageId: image,
    split,
    expression,
    box: letterboxToImage(box as XyxyBox, letterbox),
    boxFormat: 'xyxy',
    score,
    confidence,
    ...(truth ? { truth } : {}),
    width: letterbox.imageWidth,
    height: letterbox.imageHeight,
  };
}

/** Indices of the items of each image. */
function groupByKey(items: readonly EvaluationItem[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  items.forEach(({ key }, at) => {
    const group = groups.get(key);
    if (group) group.push(at);
    else groups.set(key, [at]);
  });
  return [...groups.values()];
}
