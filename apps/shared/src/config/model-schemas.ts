import { z } from 'zod';

const positive = z.number().positive();
const wholePositive = z.int().positive();
/** Side of the letterboxed image, a multiple of 32. */
const inputSize = wholePositive.multipleOf(32).default(416);

/** Width and height of the three priors of stride 32, network-input pixels. */
export const priorsSchema = z.array(z.tuple([positive, positive])).length(3);

const refClipSchema = z.strictObject({
  name: z.literal('refclip'),
  /** Multiplies the channels of detector and fusion; 1 is the paper's. */
  width: positive.max(4).default(1),
  inputSize,
  /** Object categories of the detector. */
  classes: wholePositive.default(80),
  /** Anchors (grid cells) kept per image. */
  anchorsPerImage: wholePositive.default(17),
  /** Expressions are cut or padded to this many words. */
  maxTokens: wholePositive.default(15),
  /** Size of text features and of the joint embedding. */
  textHidden: wholePositive.multipleOf(8).default(512),
  /** Self-attention blocks of the text encoder. */
  attentionLayers: z.int().nonnegative().default(3),
  priors: priorsSchema.default([
    [116, 90],
    [156, 198],
    [121, 240],
  ]),
  /** Second-best anchors of other images as further negatives of the loss. */
  negativeAnchorAugmentation: z.boolean().default(true),
});

/** What both students have sizes of. */
const studentShape = {
  /** Multiplies the channels of trunk and head; 1 is the paper's. */
  width: positive.max(4).default(1),
  /** Multiplies the blocks of the trunk. */
  depth: positive.max(4).default(1),
  inputSize,
  /** Expressions are cut or padded to this many words. */
  maxTokens: wholePositive.default(15),
  /** Self-attention blocks of the text encoder. */
  attentionLayers: z.int().nonnegative().default(1),
  /** Channels of the joint maps; `null`: 512 times the width. */
  hidden: wholePositive.multipleOf(4).nullable().default(null),
};

const simRecSchema = z.strictObject({
  name: z.literal('simrec'),
  ...studentShape,
  /** Size of text features. */
  textHidden: wholePositive.multipleOf(8).default(512),
  /** Whether each step draws the side of its images, 7/13 to 19/13 of `inputSize`; otherwise the frozen layers are computed once per image. */
  multiScale: z.boolean().default(true),
});

const realGinSchema = z.strictObject({
  name: z.literal('realgin'),
  ...studentShape,
  /** Size of text features. */
  textHidden: wholePositive.multipleOf(8).default(1024),
  /** Sizes of the boxes that a cell starts from, network-input pixels; `null`: the published ones, scaled to the input. */
  anchors: priorsSchema.nullable().default(null),
});

/** The options of every model; `name` chooses. */
export const modelSchema = z.discriminatedUnion('name', [refClipSchema, simRecSchema, realGinSchema]);

/** Options of a model with their defaults. */
export type ModelConfig = z.infer<typeof modelSchema>;

/** Options of the model of a name. */
export type ModelConfigOf<Name extends ModelConfig['name']> = Extract<ModelConfig, { readonly name: Name }>;

/** Published values of `training` in which a model differs from the schema's defaults, which are RefCLIP's. */
export const publishedTraining: Readonly<Record<ModelConfig['name'], Readonly<Record<string, unknown>>>> = {
  refclip: {},
  simrec: { batchSize: 32 },
  realgin: { epochs: 30, batchSize: 16, schedule: 'constant', emaDecay: null },
};
