import { relative } from 'node:path';
import { fileKey, fillCache, type ImageRef } from '@refclip/app-shared';
import { bestBoxOfAnchor, type Grounder, type RefClip, selectBestAnchor } from '@refclip/core';
import type { Detection, ImageFolder, ImageQueries, LabelEntry, PseudoLabel } from '@refclip/data';
import { loadBatches } from '@refclip/images';
import type { FrozenOutputCache } from '@refclip/referring';
import type { NamedHostTensors } from '@refclip/runtime';
import { FileError, type Letterbox, letterboxToImage, type RefclipError } from '@refclip/structures';
import type { Vocabulary } from '@refclip/text';

/** What {@link labelImages} needs. */
export interface LabelImagesOptions {
  readonly model: RefClip;
  readonly vocabulary: Vocabulary;
  readonly folder: ImageFolder;
  /** Read and filled; without one the detector runs each time. */
  readonly cache: FrozenOutputCache | undefined;
  /** Detects, so many images per run. */
  readonly detector: Grounder;
  readonly detectorBatch: number;
  /** Embeds images and texts. */
  readonly grounder: Grounder;
  readonly brokenImages: 'fail' | 'skip';
  /** Decoding threads; `null`: one per core, at most 4. */
  readonly workers: number | null;
}

type FoundImage = ImageQueries & ImageRef;

/**
 * Labels some images: each is encoded once for all its expressions, the expressions of all are embedded together. The result depends on these images alone.
 *
 * @param images  with their expressions; boxes are not looked at.
 * @returns an entry for each image, in order.
 * @throws {FileError} or {DataFormatError} for an image that cannot be read, unless such images are skipped.
 */
export async function labelImages(images: readonly ImageQueries[], options: LabelImagesOptions): Promise<LabelEntry[]> {
  const { model, vocabulary, folder, grounder, brokenImages } = options;
  const reasons = new Map<ImageQueries['image'], string>();
  const found: FoundImage[] = [];
  for (const item of images) {
    if (item.file !== undefined) found.push({ ...item, file: item.file, key: fileKey(item.file) });
    else if (brokenImages === 'skip') reasons.set(item.image, 'is not there');
    else
      throw new FileError(
        folder.directory,
        `image ${item.image} of record ${item.record} is not there. Give the right folder, or --set data.brokenImages=skip.`,
      );
  }
  const seen = await detectAll(found, options, ({ image }, { message }) =>
    reasons.set(image, message.replaceAll(`${folder.directory}/`, '')),
  );
  const embedded = await grounder.embedImages(seen.map(({ outputs }) => outputs));
  const expressions = seen.flatMap(({ item }) => item.queries.map(({ text }) => text));
  const texts = await grounder.embedTexts(vocabulary.encode(expressions, model.options.maxTokens));

  const entries = new Map<ImageQueries['image'], LabelEntry>();
  let next = 0;
  seen.forEach(({ item: { image, file, queries }, letterbox }, at) => {
    const anchors = embedded[at] as (typeof embedded)[number];
    const detections = Array.from({ length: anchors.count }, (_, anchor) =>
      toDetection(bestBoxOfAnchor(anchors, anchor), letterbox),
    );
    const labels = queries.map(({ record, expression, text }): PseudoLabel => {
      const match = selectBestAnchor(anchors, texts[next++] as Float32Array);
      const better = detections.filter(({ objectness }) => objectness > rounded(match.objectness));
      return {
        record,
        expression,
        text,
        ...toDetection(match, letterbox),
        similarity: rounded(match.score),
        margin: rounded(match.margin),
        rank: better.length + 1,
      };
    });
    const { imageWidth: width, imageHeight: height } = letterbox;
    entries.set(image, { image, file: relative(folder.directory, file), width, height, detections, labels });
  });
  return images.map(
    ({ image, queries }): LabelEntry =>
      entries.get(image) ?? { image, broken: reasons.get(image) ?? 'cannot be read', expressions: queries.length },
  );
}

/** What the detector says of the images that can be read, in order. */
async function detectAll(
  found: readonly FoundImage[],
  { model, cache, detector, detectorBatch: batch, brokenImages, workers }: LabelImagesOptions,
  onBroken: (image: ImageRef, error: RefclipError) => void,
): Promise<{ item: FoundImage; outputs: NamedHostTensors; letterbox: Letterbox }[]> {
  const { inputSize } = model.options;
  if (cache) {
    const compute = (pixels: readonly Uint8Array[]) => detector.detect(pixels);
    const settings = { compute, inputSize, batch, brokenImages, workers, onBroken, quiet: true };
    const { broken } = await fillCache(cache, found, settings);
    const readable = found.filter(({ key }) => !broken.has(key));
    return await Promise.all(readable.map(async (item) => ({ item, ...(await cache.read(item.key)) })));
  }
  const seen: { item: FoundImage; outputs: NamedHostTensors; letterbox: Letterbox }[] = [];
  const loader = {
    size: inputSize,
    batchSize: batch,
    onBroken: brokenImages === 'fail' ? brokenImages : onBroken,
    reuse: true,
    ...(workers === null ? {} : { workers }),
  };
  const side = inputSize * inputSize * 3;
  for await (const { images: pixels, items, letterboxes } of loadBatches(found, loader)) {
    const outputs = await detector.detect(items.map((_, at) => pixels.subarray(at * side, (at + 1) * side)));
    items.forEach((item, at) => {
      seen.push({ item, outputs: outputs[at] as NamedHostTensors, letterbox: letterboxes[at] as Letterbox });
    });
  }
  return seen;
}

/** A box of the network's input in image pixels, with four decimals. */
function toDetection({ box, objectness, category }: Detection, letterbox: Letterbox): Detection {
  const [x1, y1, x2, y2] = letterboxToImage(box, letterbox).map((value) => Math.round(value * 1e4) / 1e4);
  return { box: [x1 as number, y1 as number, x2 as number, y2 as number], objectness: rounded(objectness), category };
}

/** Seven digits, what a float32 holds. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
