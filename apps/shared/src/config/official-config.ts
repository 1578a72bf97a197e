import { dirname } from 'node:path';
import { ConfigError } from '@refclip/structures';
import { z } from 'zod';

/** Text in the form of a Python tuple of numbers, as the official files have it. */
const tuple = z.string().transform((text, context) => {
  const numbers = text
    .replace(/[()\s]/g, '')
    .split(',')
    .filter(Boolean)
    .map(Number);
  if (numbers.some(Number.isNaN)) context.addIssue(`expected numbers like (0.9, 0.98), got ${text}`);
  return numbers;
});
const number = z.union([z.number(), z.string().transform(Number)]).pipe(z.number());
/** What this implementation has no part for, or does by other means. */
const unused = z.unknown();
const mean = [0.485, 0.456, 0.406] as const;
const deviation = [0.229, 0.224, 0.225] as const;
const exactly = (values: readonly number[]) =>
  z.array(z.number()).refine((given) => given.join() === values.join(), `expected ${values.join(', ')}`);

const officialSchema = z.strictObject({
  MODEL: z.strictObject({
    MODEL: z.literal('RefCLIP'),
    USE_GLOVE: z.boolean(),
    WORD_EMBED_SIZE: z.int(),
    EMBED_FREEZE: z.literal(true),
    HIDDEN_SIZE: z.int(),
    DROPOUT_R: number,
    MULTI_HEAD: z.literal(8),
    FF_SIZE: z.int(),
    FLAT_GLIMPSES: z.literal(1),
    LANG_ENC: z.literal('lstm'),
    N_SA: z.int(),
    VIS_ENC: z.literal('yolov3'),
    VIS_FREEZE: z.literal(true),
    SELECT_NUM: z.int(),
    CLASS_NUM: z.int(),
  }),
  TRAIN: z.strictObject({
    GPU: unused,
    BATCH_SIZE: z.int(),
    NUM_WORKER: z.int(),
    LR: number,
    EPOCHS: z.int(),
    /** Of a schedule by steps, which the cosine does not read. */
    LR_DECAY_R: unused,
    PRINT_FREQ: unused,
    LOG_PATH: z.string(),
    LOG_IMAGE: unused,
    PRETRAIN_WEIGHT: z.string().min(1),
    RESUME_PATH: z.literal('', 'expected none: resume with --resume'),
    SCHEDULER: z.literal('wcosine'),
    MIN_LR: number,
    WARMUP_LR: number,
    WARMUP: number,
    USE_EMA: z.boolean(),
    OPT: z.literal('Adam'),
    OPT_PARAMS: z.strictObject({ betas: tuple, eps: number }),
    GRAD_NORM_CLIP: number,
    AMP: z.literal(false),
    SEED: z.int(),
  }),
  DISTRIBUTED: unused,
  DATA: z.strictObject({
    DATASET: z.enum(['refcoco', 'refcoco+', 'refcocog', 'referit']),
    MAX_TOKEN: z.int(),
    INPUT_SHAPE: z.tuple([z.int(), z.int()]).refine(([height, width]) => height === width, 'expected a square'),
    MEAN: exactly(mean),
    STD: exactly(deviation),
    ANN_PATH: z.record(z.string(), z.string()),
    IMAGE_PATH: z.record(z.string(), z.string()),
  }),
});

const splits = {
  refcoco: ['val', 'testA', 'testB'],
  'refcoco+': ['val', 'testA', 'testB'],
  refcocog: ['val'],
  referit: ['val', 'test'],
} as const;

/** Whether a configuration is in the form of RefCLIP's official release. */
export function isOfficialConfig(tree: Readonly<Record<string, unknown>>): boolean {
  return ['MODEL', 'TRAIN', 'DATA'].every((key) => key in tree);
}

/**
 * A configuration of RefCLIP's official release in this project's form. Its paths are relative to the folder that commands are run from, as there. Word
 * vectors are expected in `data/vectors/<dataset>.safetensors`, where `refclip-text vectors` can write them; the detector keeps its running statistics,
 * as the paper says: `--set detector.batchNorm=batch` is the official loop's behavior.
 *
 * @param where  the file, for messages.
 * @throws {ConfigError} naming every key that is missing or unknown and every value that this implementation cannot follow.
 */
export function fromOfficialConfig(tree: Readonly<Record<string, unknown>>, where: string): Record<string, unknown> {
  const parsed = officialSchema.safeParse(tree);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), problem: 'no key of the official release' }))
        : [{ path: issue.path.join('.'), problem: issue.message }],
    );
    throw new ConfigError(where, problems);
  }
  const { MODEL, TRAIN, DATA } = parsed.data;
  const name = DATA.DATASET;
  const problems = [
    ...(MODEL.FF_SIZE === 4 * MODEL.HIDDEN_SIZE
      ? []
      : [{ path: 'MODEL.FF_SIZE', problem: `${MODEL.FF_SIZE}; expected four times HIDDEN_SIZE` }]),
    ...(['ANN_PATH', 'IMAGE_PATH'] as const).flatMap((key) =>
      DATA[key][name] ? [] : [{ path: `DATA.${key}`, problem: `no entry "${name}"` }],
    ),
  ];
  if (problems.length) throw new ConfigError(where, problems);
  return {
    name,
    seed: TRAIN.SEED,
    runs: dirname(TRAIN.LOG_PATH),
    data: { annotations: DATA.ANN_PATH[name], images: DATA.IMAGE_PATH[name], workers: TRAIN.NUM_WORKER },
    model: {
      name: 'refclip',
      inputSize: DATA.INPUT_SHAPE[0],
      classes: MODEL.CLASS_NUM,
      anchorsPerImage: MODEL.SELECT_NUM,
      maxTokens: DATA.MAX_TOKEN,
      textHidden: MODEL.HIDDEN_SIZE,
      attentionLayers: MODEL.N_SA,
    },
    wordVectors: {
      dimension: MODEL.WORD_EMBED_SIZE,
      ...(MODEL.USE_GLOVE ? { kind: 'file', file: `data/vectors/${name}.safetensors` } : { kind: 'random' }),
    },
    detector: { weights: TRAIN.PRETRAIN_WEIGHT, cache: { directory: '.cache/detector' } },
    training: {
      epochs: TRAIN.EPOCHS,
      batchSize: TRAIN.BATCH_SIZE,
      learningRate: TRAIN.LR,
      warmupLearningRate: TRAIN.WARMUP_LR,
      minimumLearningRate: TRAIN.MIN_LR,
      warmupEpochs: TRAIN.WARMUP,
      betas: TRAIN.OPT_PARAMS.betas,
      epsilon: TRAIN.OPT_PARAMS.eps,
      clipNorm: TRAIN.GRAD_NORM_CLIP,
      // Without an average: one that forgets at once.
      ...(TRAIN.USE_EMA ? {} : { emaDecay: 0 }),
      dropout: MODEL.DROPOUT_R,
    },
    evaluation: { splits: splits[name] },
  };
}
