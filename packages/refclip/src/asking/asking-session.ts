import { letterboxPixels } from '@refclip/images';
import { createLocator, deferCheckpoint, type LocatedBox, type Locator } from '@refclip/referring';
import { createEngine, type NamedHostTensors } from '@refclip/runtime';
import { clipBox, letterboxToImage, UsageError, type XyxyBox } from '@refclip/structures';
import { tokenizeExpression } from '@refclip/text';
import { deformConv2dLowering } from '@refclip/vision';
import { type KnownModel, modelKinds } from '../models/model-kinds.js';
import { assertExpressions } from './assert-expressions.js';
import type { OpenModelOptions } from './open-model-options.js';
import type { Answer, OpenedModel, Picture } from './opened-model.js';
import { programCache } from './program-cache.js';
import { readPicture } from './read-picture.js';

/** Expressions per run of the text program: single questions are common, and many take the larger one. */
const textBatches = [1, 16] as const;

/**
 * Opens a model that answers on the calling thread, one question after the other.
 *
 * @throws as `openModel`.
 */
export async function openSession(file: string, options: OpenModelOptions): Promise<OpenedModel> {
  const { engine: engineName, device, threads, cacheDirectory: given } = options;
  const cacheDirectory = given === undefined ? programCache() : (given ?? undefined);
  const checkpoint = await deferCheckpoint<KnownModel>(file, { kinds: modelKinds, digests: cacheDirectory });
  const { model, values, vocabulary, notes } = checkpoint;
  const lowerings = [deformConv2dLowering];
  const engine = await createEngine({ engine: engineName, device, threads, cacheDirectory, lowerings }).catch(
    async (error: unknown) => {
      await checkpoint.close();
      throw error;
    },
  );
  const [single, many] = textBatches.map((textBatch) => createLocator({ engine, model, values, textBatch })) as [
    Locator,
    Locator,
  ];
  const isUnknown = (word: string) => vocabulary.idOf(word) === vocabulary.idOf('UNK');

  const ground = async (picture: Picture, expressions: readonly string[]) => {
    assertExpressions(expressions);
    if (!expressions.length) return [];
    const image = await readPicture(picture);
    const { pixels, letterbox } = letterboxPixels(image, model.inputSize);
    const [encoded] = (await single.encodeImages(await single.imageInputs([pixels]))) as [NamedHostTensors];
    const locator = expressions.length > textBatches[0] ? many : single;
    const located = await locator.locate(
      expressions.map(() => encoded),
      vocabulary.encode(expressions, model.maxTokens),
    );
    const inPicture = (box: XyxyBox) => {
      const unclippedBox = letterboxToImage(box, letterbox);
      return { box: clipBox(unclippedBox, image.width, image.height), unclippedBox };
    };
    return expressions.map((expression, at): Answer => {
      const words = tokenizeExpression(expression);
      const read = words.slice(0, model.maxTokens);
      const unknownWords = [...new Set(read.filter(isUnknown))];
      const said = { expression, unknownWords, unreadWords: words.slice(model.maxTokens) };
      // Without a word that means something to the model, the answer would be a guess that looks sure.
      if (read.every(isUnknown)) return { ...said, box: null, unclippedBox: null, score: null, confidence: null };
      const { box, score, confidence } = located[at] as LocatedBox;
      const answer = inPicture(box as XyxyBox);
      return { ...said, ...answer, score, confidence };
    });
  };

  let queue: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= queue.then(async () => {
      await Promise.all([single.dispose(), many.dispose()]);
      await engine.dispose();
      await checkpoint.close();
    });
    return closed;
  };
  return {
    name: model.name,
    engine: engine.description,
    words: vocabulary.words,
    notes,
    async ground(picture, expressions) {
      if (closed) throw new UsageError('ground: the model was closed. Open it again.');
      const answer = queue.then(() => ground(picture, expressions));
      queue = answer.catch(() => {});
      return await answer;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
