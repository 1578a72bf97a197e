import { z } from 'zod';
import { modelSchema, priorsSchema } from './model-schemas.js';

const positive = z.number().positive();
const wholePositive = z.int().positive();
const path = z.string().min(1).describe('path, relative to the configuration file that names it');

/** Where image–expression pairs come from. */
const dataSchema = z.strictObject({
  /** Annotation JSON in SimREC form. */
  annotations: path,
  /** Folder of the images. */
  images: path,
  /** Object boxes with categories in COCO form, for `pretrain` alone. */
  objects: path.optional(),
  /** Drawn scenes are written to `directory` first, unless they are there; `null`: none are. */
  synthesize: z
    .strictObject({
      directory: path,
      seed: z.int().default(1),
      imageSize: wholePositive.default(256),
      train: wholePositive.default(2250),
      val: wholePositive.default(300),
      testA: wholePositive.default(200),
      testB: wholePositive.default(200),
    })
    .nullable()
    .default(null),
  /** Threads that decode images; `null`: one per core, at most 4. */
  workers: z.int().nonnegative().nullable().default(null),
  /** What happens with an image that cannot be read. */
  brokenImages: z.enum(['fail', 'skip']).default('fail'),
});

/** What models that learn from boxes take for true. */
const supervisionSchema = z.strictObject({
  /**
   * Annotation JSON in SimREC form whose `train` split replaces the one of `data.annotations`, e.g. pseudo-labels; `null`: the true boxes. Other splits,
   * and the vocabulary, are always those of `data.annotations`.
   */
  labels: path.nullable().default(null),
  /** Whether each expression's part of the loss is multiplied by the score of its label. */
  weightByScore: z.boolean().default(false),
});

const wordVectorsSchema = z.strictObject({
  /** `random`: seeded normal vectors; `file`: what `refclip-text vectors` wrote. */
  kind: z.enum(['random', 'file']).default('random'),
  dimension: wholePositive.default(300),
  seed: z.int().default(1),
  file: path.optional(),
});

/** The part of the model that sees, and is frozen but for the top of a student's trunk. */
const detectorSchema = z.strictObject({
  /** RefCLIP's detector or a student's trunk; `null`: random weights (for trials of the machinery; nothing useful is found with them). */
  weights: path.nullable(),
  /** `frozen`: running statistics; `batch`: statistics of each batch, as the official loop has it. */
  batchNorm: z.enum(['frozen', 'batch']).default('frozen'),
  /** Outputs of the frozen detector, computed once per image. Boxes are always kept as float32. Not used with `batchNorm: batch`. */
  cache: z.strictObject({
    /** `false`: the detector runs in every step. */
    enabled: z.boolean().default(true),
    directory: path,
    precision: z.enum(['float16', 'float32']).default('float16'),
  }),
});

const trainingSchema = z.strictObject({
  /** Default 25, RealGIN 30. */
  epochs: wholePositive.default(25),
  /** Default 64, SimREC 32, RealGIN 16. */
  batchSize: wholePositive.min(2).default(64),
  learningRate: positive.default(1e-4),
  /** After the warm-up: half a cosine down to the minimum, or the same rate on (RealGIN, whose warm-up starts from 0 and reaches the rate a step later). */
  schedule: z.enum(['cosine', 'constant']).default('cosine'),
  /** Learning rate of the first and of the last step of a cosine. */
  warmupLearningRate: z.number().nonnegative().default(1e-7),
  minimumLearningRate: z.number().nonnegative().default(1e-6),
  /** Linear warm-up, in epochs or in steps (steps win when both are given). */
  warmupEpochs: z.number().nonnegative().default(3),
  warmupSteps: z.int().nonnegative().nullable().default(null),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.98]),
  epsilon: positive.default(1e-9),
  /** Bound of the gradient's global norm. */
  clipNorm: positive.default(0.15),
  /** Of the moving average that is evaluated and saved; `null`: none (RealGIN). */
  emaDecay: z.number().min(0).lt(1).nullable().default(0.9997),
  dropout: z.number().min(0).lt(1).default(0.1),
  /** Stops after this many steps; the schedule still spans `epochs`. */
  maxSteps: wholePositive.nullable().default(null),
  /** The run can be resumed from its last saved state: one is saved after every epoch, and in between every so many steps or minutes. */
  saveEverySteps: wholePositive.nullable().default(null),
  saveEveryMinutes: positive.nullable().default(10),
});

/** Splits that are scored where nothing else is said: those of them that the annotations have. */
export const usualSplits = ['val', 'testA', 'testB'] as const;

/** What the best epoch is chosen by: see `evaluation.chooseBy`. */
export const choices = ['auto', 'accuracy', 'retrieval', 'agreement', 'last'] as const;

const evaluationSchema = z.strictObject({
  /** Scored at the end; the default: those of `val`, `testA` and `testB` that the annotations have. An empty list: none. */
  splits: z.array(z.string().min(1)).default([...usualSplits]),
  /** The split that chooses `best` after every epoch. Where there is no `val`, a tenth of the training pictures is held out for it. */
  validationSplit: z.string().min(1).default('val'),
  /**
   * What the best epoch is chosen by, on the validation split: `accuracy` (needs boxes), `retrieval` (how often an expression finds its own picture among
   * others), `agreement` (how often expressions of one object get the same box) or none of them, the `last` epoch. `auto`: accuracy where there are boxes,
   * otherwise retrieval, otherwise the last. Of equal epochs the later one.
   */
  chooseBy: z.enum(choices).default('auto'),
  batchSize: wholePositive.default(32),
});

const engineSchema = z.strictObject({
  name: z.enum(['auto', 'compiled', 'cpu', 'wasm', 'webgpu', 'node', 'node-gpu']).default('auto'),
  device: z.enum(['auto', 'cpu', 'cuda', 'webgpu']).default('auto'),
  /** Threads of the compiled engine; `null`: one per core. */
  threads: wholePositive.nullable().default(null),
  /** Optimised graphs are kept here; `null`: nowhere. */
  cache: path.nullable().default(null),
});

const pretrainingSchema = z.strictObject({
  epochs: wholePositive.default(16),
  batchSize: wholePositive.default(32),
  learningRate: positive.default(2e-3),
  warmupSteps: z.int().nonnegative().default(100),
  clipNorm: positive.default(10),
  seed: z.int().default(1),
  /** Width and height of the boxes that a student's trunk learns from, network-input pixels. RefCLIP has its own: `model.priors`. */
  priors: priorsSchema.optional(),
  /** Weights to begin with where names and shapes fit, e.g. of a detector with the same first layers; `null`: random ones. */
  from: path.nullable().default(null),
  /** Where the weights go: fp16 safetensors. */
  output: path,
});

/** The whole configuration of the trainer. Defaults are the published values of RefCLIP; those of other models are in `publishedTraining`. */
export const configSchema = z.strictObject({
  name: z.string().regex(/^[\w.+-]+$/, 'letters, digits, . + - _ only'),
  seed: z.int().nonnegative().default(123456),
  /** Folder of run directories. */
  runs: path,
  data: dataSchema,
  /** The model by name, `refclip` where none is given. */
  model: modelSchema.prefault({ name: 'refclip' }),
  supervision: supervisionSchema.prefault({}),
  wordVectors: wordVectorsSchema.prefault({}),
  detector: detectorSchema,
  training: trainingSchema.prefault({}),
  evaluation: evaluationSchema.prefault({}),
  engine: engineSchema.prefault({}),
  pretraining: pretrainingSchema.optional(),
});

/** A checked configuration; every path is absolute. */
export type TrainerConfig = z.infer<typeof configSchema>;

/** Dotted names of the entries that are paths. */
export const pathEntries = [
  'runs',
  'data.annotations',
  'data.images',
  'data.objects',
  'data.synthesize.directory',
  'supervision.labels',
  'wordVectors.file',
  'detector.weights',
  'detector.cache.directory',
  'engine.cache',
  'pretraining.from',
  'pretraining.output',
] as const;
