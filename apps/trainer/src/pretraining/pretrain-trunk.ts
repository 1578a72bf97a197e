import { join } from 'node:path';
import {
  createModel,
  createProgress,
  interruptedWith,
  interruptionSignal,
  modelKind,
  type TrainerConfig,
} from '@refclip/app-shared';
import { ImageFolder } from '@refclip/data';
import { openStateDict } from '@refclip/formats';
import { yieldToSignals } from '@refclip/furniture';
import { type LetterboxedImage, loadLetterboxed } from '@refclip/images';
import {
  CounterRandom,
  createTrainStep,
  fileShape,
  initializeParameters,
  modelValues,
  type ParameterSpec,
  warmupCosine,
} from '@refclip/nn';
import { loadWeights, saveWeights, type Trunk } from '@refclip/referring';
import { type Engine, type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { ConfigError, FileError, imageToLetterbox, NumericError, xywhToXyxy, xyxyToCxcywh } from '@refclip/structures';
import { type DetectionObject, detectionTargets, pretrainingBatch, pretrainingLoss } from '@refclip/vision';
import { type ObjectImage, readObjects } from './read-objects.js';

/** What a pre-training ended with. */
export interface PretrainingResult {
  readonly weights: string;
  readonly images: number;
  readonly steps: number;
  /** Mean loss of the last epoch, per image. */
  readonly loss: number;
  readonly seconds: number;
}

/**
 * Trains what the configured model sees with on object boxes and writes its weights (moving averages, fp16).
 *
 * @param file  of the configuration, for messages.
 * @throws {ConfigError} when the configuration has no `pretraining` or `data.objects`, or other categories than `model.classes`.
 */
export async function pretrainTrunk(config: TrainerConfig, engine: Engine, file: string): Promise<PretrainingResult> {
  const { pretraining, data, model } = config;
  if (!pretraining || !data.objects) {
    throw new ConfigError(file, [
      { path: pretraining ? 'data.objects' : 'pretraining', problem: 'required by pretrain' },
    ]);
  }
  const started = performance.now();
  const { images, categories } = await readObjects(data.objects);
  const classes = categories.length;
  if ('classes' in model && classes !== model.classes) {
    const problem = `${model.classes}, but ${data.objects} has ${classes} categories`;
    throw new ConfigError(file, [{ path: 'model.classes', problem }]);
  }
  const folder = await ImageFolder.open(data.images);
  // What the model sees with does not depend on the number of words.
  const trunk = modelKind(model.name).trunk(createModel(config, 3), { priors: pretraining.priors });
  const parameters = trunk.parameters(classes);
  const { epochs, batchSize, seed } = pretraining;
  const perEpoch = Math.floor(images.length / batchSize);
  if (!perEpoch)
    throw new ConfigError(file, [{ path: 'pretraining.batchSize', problem: `more than the ${images.length} images` }]);
  const first = { ...initializeParameters(parameters, seed), ...(await fittingValues(pretraining.from, parameters)) };
  const { inputSize, priors } = trunk;
  const step = createTrainStep({
    loss: pretrainingLoss((scope, pixels) => trunk.run(scope, pixels, classes)),
    batch: pretrainingBatch({ inputSize, classes, boxes: priors.length + 1 }, batchSize),
    values: first,
    maxGradientNorm: pretraining.clipNorm,
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    movingAverageDecay: 0.998,
  });
  const executable = await engine.compileStateful(step.program, {
    name: 'pretrain',
    inputs: step.inputs,
    constants: step.constants,
    state: step.state,
  });
  const random = new CounterRandom(seed);
  const schedule = {
    learningRate: pretraining.learningRate,
    warmupLearningRate: 0,
    minimumLearningRate: pretraining.learningRate / 100,
    warmupSteps: pretraining.warmupSteps,
    totalSteps: epochs * perEpoch,
  };
  const batchAt = (index: number) => {
    const order = random.stream('order', Math.floor(index / perEpoch)).permutation(images.length);
    const start = (index % perEpoch) * batchSize;
    return loadBatch(
      Array.from(order.subarray(start, start + batchSize), (at) => images[at] as ObjectImage),
      folder,
      { trunk, classes, data },
    );
  };
  const progress = createProgress('pre-training', epochs * perEpoch, 'steps');
  const signal = interruptionSignal();
  let epochLoss = 0;
  let next = batchAt(0);
  for (let index = 0; index < epochs * perEpoch; index++) {
    const batch = await next;
    // The next batch is decoded by other threads while this step runs.
    if (index + 1 < epochs * perEpoch) next = batchAt(index + 1);
    const learningRate = hostTensor(Float32Array.of(warmupCosine(index, schedule)), []);
    const { loss } = await executable.step({ ...batch, learningRate });
    const value = loss?.data[0] as number;
    if (!Number.isFinite(value)) {
      throw new NumericError(
        { where: 'pretrain', step: index, quantity: 'loss', value },
        'Lower pretraining.learningRate.',
      );
    }
    if (index % perEpoch === 0) epochLoss = 0;
    epochLoss += value / perEpoch;
    progress.update(index + 1, `epoch ${Math.floor(index / perEpoch) + 1}/${epochs}  loss ${value.toFixed(2)}`);
    await yieldToSignals();
    if (signal.aborted && index + 1 < epochs * perEpoch) {
      throw interruptedWith(
        `interrupted after ${index + 1} of ${epochs * perEpoch} steps. Pre-training saves no states: nothing was written, and the same command begins anew.`,
      );
    }
  }
  progress.finish();
  const trained = modelValues(await executable.readState(), step.constants, { average: true });
  const seconds = (performance.now() - started) / 1000;
  const used = parameters.filter(({ name }) => name in trained && trunk.isKept(name));
  const metadata = {
    model: trunk.description,
    categories: JSON.stringify(categories),
    options: JSON.stringify({ width: model.width, inputSize, priors }),
    training: JSON.stringify({
      epochs,
      batchSize,
      seed,
      images: images.length,
      learningRate: pretraining.learningRate,
      seconds: Math.round(seconds),
    }),
  };
  await saveWeights(pretraining.output, used, trained, { halves: true, metadata });
  await executable.dispose();
  return { weights: pretraining.output, images: images.length, steps: epochs * perEpoch, loss: epochLoss, seconds };
}

/** The tensors of a file whose names and shapes are those of the trunk. @throws {ConfigError} when there are none. */
async function fittingValues(file: string | null, parameters: readonly ParameterSpec[]): Promise<NamedHostTensors> {
  if (file === null) return {};
  const weights = await openStateDict(file);
  try {
    const fits = (spec: ParameterSpec) => weights.tensors.get(spec.name)?.shape.join() === fileShape(spec).join();
    const specs = parameters.filter(fits);
    if (!specs.length) {
      const problem = `${file} has no tensor with a name and shape of this trunk`;
      throw new ConfigError('pretrain', [{ path: 'pretraining.from', problem }]);
    }
    process.stderr.write(`beginning with ${specs.length} of ${parameters.length} tensors of ${file}\n`);
    return (await loadWeights(weights, specs, { ignored: () => true })).values;
  } finally {
    await weights.close();
  }
}

async function loadBatch(
  images: readonly ObjectImage[],
  folder: ImageFolder,
  { trunk, classes, data }: { readonly trunk: Trunk; readonly classes: number; readonly data: TrainerConfig['data'] },
): Promise<{ readonly images: HostTensor; readonly targets: HostTensor }> {
  const { inputSize, priors } = trunk;
  const loaded = await Promise.all(
    images.map(({ fileName }) => {
      const path = folder.find(fileName);
      if (!path)
        throw new FileError(join(data.images, fileName), `the image is not there, but ${data.objects} names it.`);
      return loadLetterboxed(path, inputSize);
    }),
  );
  const side = inputSize * inputSize * 3;
  const pixels = new Uint8Array(images.length * side);
  loaded.forEach((image, at) => {
    pixels.set(image.pixels, at * side);
  });
  const objects = images.map((image, at) =>
    image.objects.map(({ box, category }): DetectionObject => {
      const { letterbox } = loaded[at] as LetterboxedImage;
      return { box: xyxyToCxcywh(imageToLetterbox(xywhToXyxy(box), letterbox)), category };
    }),
  );
  return {
    images: hostTensor(pixels, [images.length, inputSize, inputSize, 3]),
    targets: detectionTargets(objects, { stride: 32, inputSize, classes, priors }),
  };
}
