import type { Scope } from '@refclip/nn';
import { compileModel } from '@refclip/nn';
import { stackTensors, unstackTensors } from '@refclip/referring';
import {
  type Engine,
  type Executable,
  type HostTensor,
  hostTensor,
  type NamedConstants,
  type NamedHostTensors,
  type NamedTensors,
  type TensorSpec,
} from '@refclip/runtime';
import type * as tf from '@tensorflow/tfjs';
import type { RefClip } from '../model/create-refclip.js';
import { type EmbeddedImage, embeddedImage } from './select-best-anchor.js';

/** What {@link createGrounder} needs. */
export interface GrounderOptions {
  readonly engine: Engine;
  readonly model: RefClip;
  /** Parameters and statistics of the model by name, memory layout. */
  readonly values: NamedConstants;
  /** Images and texts per run; smaller batches are padded. Default 1 and 16. */
  readonly imageBatch?: number;
  readonly textBatch?: number;
}

/** Detector outputs of one image, without the batch axis: `feature13`, `feature26`, `feature52`, `boxes`. */
export type DetectorOutputs = NamedHostTensors;

/** A model with weights, ready to answer. An image is encoded once for all its expressions. */
export interface Grounder {
  /** Compiles all programs now; otherwise each is compiled when it is first used. */
  prepare(): Promise<void>;
  /** @param images RGB `[S, S, 3]` each, letterboxed, S the model's input size. */
  detect(images: readonly Uint8Array[]): Promise<DetectorOutputs[]>;
  embedImages(outputs: readonly DetectorOutputs[]): Promise<EmbeddedImage[]>;
  /** @param tokens int32 `[N, maxTokens]`, row-major. @returns an embedding for each of the N expressions. */
  embedTexts(tokens: Int32Array): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/** Compiles the three programs of inference, each when it is first used, with the weights as constants. */
export function createGrounder({ engine, model, values, imageBatch = 1, textBatch = 16 }: GrounderOptions): Grounder {
  const { inputSize, maxTokens, textHidden } = model.options;
  const lazy = (
    name: string,
    inputs: Readonly<Record<string, TensorSpec>>,
    run: (scope: Scope, inputs: NamedTensors) => NamedTensors,
  ) => {
    let compiled: Promise<Executable> | undefined;
    return {
      get: () => {
        compiled ??= compileModel(engine, { name, inputs, run, values });
        return compiled;
      },
      dispose: async () => (await compiled)?.dispose(),
    };
  };
  const detector = lazy(
    'detector',
    { images: { shape: [imageBatch, inputSize, inputSize, 3], dtype: 'uint8' } },
    (scope, { images }) => model.detectorOutputs(scope, images as tf.Tensor4D),
  );
  const imageProgram = lazy('image', model.detectorOutputSpecs(imageBatch), (scope, outputs) => {
    const { anchors, boxes } = model.embedImages(scope, outputs);
    return { anchors, boxes };
  });
  const textProgram = lazy(
    'text',
    { tokens: { shape: [textBatch, maxTokens], dtype: 'int32' } },
    (scope, { tokens }) => ({
      texts: model.embedTexts(scope, tokens as tf.Tensor2D),
    }),
  );
  return {
    async prepare() {
      for (const program of [detector, imageProgram, textProgram]) await program.get();
    },
    async detect(images) {
      const program = await detector.get();
      return await inBatches(images, imageBatch, async (batch) => {
        const pixels = new Uint8Array(imageBatch * inputSize * inputSize * 3);
        batch.forEach((image, at) => {
          pixels.set(image, at * inputSize * inputSize * 3);
        });
        const outputs = await program.run({ images: hostTensor(pixels, [imageBatch, inputSize, inputSize, 3]) });
        return batch.map((_, at) => unstackTensors(outputs, at));
      });
    },
    async embedImages(outputs) {
      const program = await imageProgram.get();
      return await inBatches(outputs, imageBatch, async (batch) => {
        const encoded = await program.run(stackTensors(batch, model.detectorOutputSpecs(imageBatch)));
        return batch.map((_, at) => embeddedImage(unstackTensors(encoded, at)));
      });
    },
    async embedTexts(tokens) {
      const program = await textProgram.get();
      const rows = Array.from({ length: tokens.length / maxTokens }, (_, row) =>
        tokens.subarray(row * maxTokens, (row + 1) * maxTokens),
      );
      return await inBatches(rows, textBatch, async (batch) => {
        const padded = new Int32Array(textBatch * maxTokens);
        batch.forEach((row, at) => {
          padded.set(row, at * maxTokens);
        });
        const { texts } = (await program.run({ tokens: hostTensor(padded, [textBatch, maxTokens]) })) as Record<
          'texts',
          HostTensor
        >;
        return batch.map((_, at) => (texts.data as Float32Array).slice(at * textHidden, (at + 1) * textHidden));
      });
    },
    async dispose() {
      await Promise.all([detector.dispose(), imageProgram.dispose(), textProgram.dispose()]);
    },
  };
}

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  run: (batch: readonly T[]) => Promise<R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size)
    results.push(...(await run(items.slice(start, start + size))));
  return results;
}
