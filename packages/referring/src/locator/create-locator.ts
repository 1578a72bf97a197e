import { type CompileModelOptions, compileModel } from '@refclip/nn';
import {
  type Engine,
  type Executable,
  type HostTensor,
  hostTensor,
  type NamedConstants,
  type NamedHostTensors,
  type TensorSpec,
} from '@refclip/runtime';
import type * as tf from '@tensorflow/tfjs';
import type { ReferringModel } from '../model/referring-model.js';
import { stackTensors, unstackTensors } from './stack-tensors.js';

/** The answer to one expression. */
export interface LocatedBox {
  /** x1, y1, x2, y2 in pixels of the network's input; not clipped. */
  readonly box: readonly [number, number, number, number];
  /** Higher is surer; comparable within one model. */
  readonly score: number;
  /** The model's own estimate that the answer is right, in [0, 1]. */
  readonly confidence: number;
}

/** What {@link createLocator} needs. */
export interface LocatorOptions {
  readonly engine: Engine;
  readonly model: ReferringModel;
  /** Parameters and statistics of the model by name, memory layout. */
  readonly values: NamedConstants;
  /** Images and expressions per run; smaller batches are padded. Default 1 and 16. */
  readonly imageBatch?: number;
  readonly textBatch?: number;
}

/** A model with weights, ready to answer. An image is encoded once for all its expressions. Items are without a batch axis. */
export interface Locator {
  /**
   * What the model reads of images: the frozen part's outputs, or the images themselves for a model without one.
   *
   * @param images  RGB `[S, S, 3]` each, letterboxed.
   */
  imageInputs(images: readonly Uint8Array[]): Promise<NamedHostTensors[]>;
  encodeImages(inputs: readonly NamedHostTensors[]): Promise<NamedHostTensors[]>;
  /**
   * @param encoded  N encoded images, one per expression.
   * @param tokens  int32 `[N, T]`, row-major.
   */
  locate(encoded: readonly NamedHostTensors[], tokens: Int32Array): Promise<LocatedBox[]>;
  dispose(): Promise<void>;
}

/** Compiles the programs of inference, each when it is first used, with the weights as constants. */
export function createLocator({ engine, model, values, imageBatch = 1, textBatch = 16 }: LocatorOptions): Locator {
  const { inputSize, maxTokens } = model;
  const images: TensorSpec = { shape: [imageBatch, inputSize, inputSize, 3], dtype: 'uint8' };
  const compile = (options: Omit<CompileModelOptions, 'values'>) =>
    lazily(() => compileModel(engine, { ...options, values }));
  const frozen = compile({
    name: `${model.name}-frozen`,
    inputs: { images },
    run: (scope, inputs) => model.frozenOutputs?.(scope, inputs.images as tf.Tensor4D) ?? {},
  });
  const image = compile({
    name: `${model.name}-image`,
    inputs: model.imageInputs(imageBatch),
    run: (scope, inputs) => model.encodeImages(scope, inputs),
  });
  /** Known after the first image. */
  let encodedSpecs: Readonly<Record<string, TensorSpec>> = {};
  const text = lazily(() =>
    compileModel(engine, {
      name: `${model.name}-text`,
      inputs: { tokens: { shape: [textBatch, maxTokens], dtype: 'int32' }, ...encodedSpecs },
      run: (scope, { tokens, ...encoded }) => {
        const { boxes, scores, confidences } = model.locate(scope, encoded, tokens as tf.Tensor2D);
        return { boxes, scores, ...(confidences ? { confidences } : {}) };
      },
      values,
    }),
  );
  return {
    async imageInputs(pixels) {
      const items = pixels.map((data) => ({ images: hostTensor(data, [inputSize, inputSize, 3], 'uint8') }));
      if (!model.frozenOutputs) return items;
      const program = await frozen.get();
      return await inBatches(items, imageBatch, async (batch) => {
        const outputs = await program.run(stackTensors(batch, { images }));
        return batch.map((_, at) => unstackTensors(outputs, at));
      });
    },
    async encodeImages(inputs) {
      const program = await image.get();
      return await inBatches(inputs, imageBatch, async (batch) => {
        const encoded = await program.run(stackTensors(batch, model.imageInputs(imageBatch)));
        return batch.map((_, at) => unstackTensors(encoded, at));
      });
    },
    async locate(encoded, tokens) {
      const [first] = encoded;
      if (!first) return [];
      encodedSpecs = Object.fromEntries(
        Object.entries(first).map(([name, { shape, dtype }]) => [name, { shape: [textBatch, ...shape], dtype }]),
      );
      const program = await text.get();
      const rows = encoded.map((item, row) => ({
        ...item,
        tokens: hostTensor(tokens.subarray(row * maxTokens, (row + 1) * maxTokens), [maxTokens]),
      }));
      const specs = { ...encodedSpecs, tokens: { shape: [textBatch, maxTokens], dtype: 'int32' } } as const;
      return await inBatches(rows, textBatch, async (batch) => {
        const { boxes, scores, confidences = scores } = await program.run(stackTensors(batch, specs));
        const at = (tensor: HostTensor | undefined, index: number) => tensor?.data[index] as number;
        return batch.map((_, row) => ({
          box: [at(boxes, 4 * row), at(boxes, 4 * row + 1), at(boxes, 4 * row + 2), at(boxes, 4 * row + 3)] as const,
          score: at(scores, row),
          confidence: at(confidences, row),
        }));
      });
    },
    async dispose() {
      await Promise.all([frozen.dispose(), image.dispose(), text.dispose()]);
    },
  };
}

function lazily(make: () => Promise<Executable>) {
  let made: Promise<Executable> | undefined;
  return {
    get: () => {
      made ??= make();
      return made;
    },
    dispose: async () => (await made)?.dispose(),
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
