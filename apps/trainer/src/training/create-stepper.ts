import { type CounterRandom, createTrainStep, drawMasks, modelValues, type TrainStep } from '@refclip/nn';
import { hostTensor, type NamedHostTensors, type StatefulExecutable, type TensorSpec } from '@refclip/runtime';
import { NumericError } from '@refclip/structures';
import type { TrainingSetup } from './prepare-training.js';

/** What a step found out. */
export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
  /** What else the model's loss reports, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Milliseconds spent in the graph, and before it on compiling, when the step needed a program for the first time. */
  readonly graphMs: number;
  readonly compileMs: number;
}

/** The training step of a model, with its state. */
export interface Stepper {
  /**
   * @param index  of the step in the whole run, from 0: dropout masks and the side depend on it alone.
   * @throws {NumericError} when the loss is no longer finite.
   */
  step(index: number, learningRate: number, batch: NamedHostTensors): Promise<StepResult>;
  /** Raw weights, statistics, moments and averages. */
  readState(): Promise<NamedHostTensors>;
  /** The model's tensors with the moving averages, where there are some, in place of what is trained. */
  averageValues(): Promise<NamedHostTensors>;
  dispose(): Promise<void>;
}

interface Compiled {
  readonly step: TrainStep;
  readonly executable: StatefulExecutable;
}

/**
 * Compiles the training step; a model that trains on several image sides gets a program for each when it is first drawn, all with one state.
 *
 * @param saved  state to go on from; absent: the beginning.
 */
export async function createStepper(
  { config, engine, reader, values }: TrainingSetup,
  random: CounterRandom,
  saved?: NamedHostTensors,
): Promise<Stepper> {
  const { training } = config;
  const { batchSize } = training;
  const box: Readonly<Record<string, TensorSpec>> =
    reader.supervision === 'none' ? {} : { targets: { shape: [batchSize, 4], dtype: 'float32' } };
  const weights: Readonly<Record<string, TensorSpec>> =
    reader.supervision === 'none' || !config.supervision.weightByScore
      ? {}
      : { weights: { shape: [batchSize], dtype: 'float32' } };
  const batch: Readonly<Record<string, TensorSpec>> = {
    ...reader.imageInputs(batchSize),
    tokens: { shape: [batchSize, reader.maxTokens], dtype: 'int32' },
    ...box,
    ...weights,
  };
  const sides = reader.trainingSides;
  const compiled = new Map<number, Compiled>();
  let first: Compiled | undefined;

  const compile = async (side: number): Promise<Compiled> => {
    const step = createTrainStep({
      loss: (scope, inputs) => reader.trainLoss(scope, inputs, { side }),
      batch,
      values,
      trainable: (name) => reader.isTrainable(name),
      optimizer: { beta1: training.betas[0], beta2: training.betas[1], epsilon: training.epsilon },
      maxGradientNorm: training.clipNorm,
      movingAverageDecay: training.emaDecay ?? false,
    });
    const executable = await engine.compileStateful(step.program, {
      name: sides.length > 1 ? `train-${side}` : 'train',
      inputs: step.inputs,
      constants: step.constants,
      state: saved ?? step.state,
      ...(first ? { sharedWith: first.executable } : {}),
    });
    return { step, executable };
  };
  const use = async (side: number): Promise<Compiled> => {
    const known = compiled.get(side);
    if (known) return known;
    const next = await compile(side);
    compiled.set(side, next);
    first ??= next;
    return next;
  };
  /** Any of the programs: their state is one. */
  const anyProgram = async () => first ?? (await use(sides[0] as number));
  const readState = async () => (await anyProgram()).executable.readState();
  return {
    async step(index, learningRate, inputs) {
      const [draw = 0] = random.stream('side', index).integers(1, sides.length);
      const asked = performance.now();
      const { step, executable } = await use(sides[draw] as number);
      const compileMs = performance.now() - asked;
      const masks = drawMasks(step.masks, random.stream('dropout', index));
      const rate = hostTensor(Float32Array.of(learningRate), []);
      const before = performance.now();
      const outputs = await executable.step({ ...inputs, ...masks, learningRate: rate });
      const graphMs = performance.now() - before;
      const {
        loss = Number.NaN,
        gradientNorm = Number.NaN,
        ...metrics
      } = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0] as number]));
      if (!Number.isFinite(loss)) {
        const at = { where: 'training', step: index, quantity: 'loss', value: loss };
        throw new NumericError(at, 'Lower training.learningRate.');
      }
      return { loss, gradientNorm, metrics, graphMs, compileMs };
    },
    readState,
    async averageValues() {
      const { step, executable } = await anyProgram();
      return { ...values, ...modelValues(await executable.readState(), step.constants, { average: true }) };
    },
    async dispose() {
      for (const { executable } of compiled.values()) await executable.dispose();
    },
  };
}
