import { ConfigError, type ConfigProblem } from '@refclip/structures';
import { COCO_PRIORS, type Prior, type Stride } from '@refclip/vision';

/** Sizes of a RefCLIP model; the defaults are the paper's for RefCOCO. */
export interface RefClipOptions {
  /** Entries of the vocabulary. */
  readonly words: number;
  /** Factor on the channels of detector and fusion. Default 1. */
  readonly width?: number;
  /** Side of the square input in pixels, a multiple of 32. Default 416. */
  readonly inputSize?: number;
  /** Object categories of the detector. Default 80. */
  readonly classes?: number;
  /** Priors of each scale, pixels of the input. Default those of COCO. */
  readonly priors?: Readonly<Record<Stride, readonly Prior[]>>;
  /** Anchors (grid cells) kept per image. Default 17. */
  readonly anchorsPerImage?: number;
  /** Tokens of an expression. Default 15. */
  readonly maxTokens?: number;
  /** Size of a word vector. Default 300. */
  readonly wordDimension?: number;
  /** Size of text features and of the joint embedding. Default 512. */
  readonly textHidden?: number;
  /** Self-attention blocks of the text encoder. Default 3. */
  readonly attentionLayers?: number;
  /** Default 0.1. */
  readonly dropout?: number;
  /** Second-best anchors of other images as further negatives of the loss. Default true. */
  readonly negativeAnchorAugmentation?: boolean;
  /**
   * How the frozen detector normalizes in training: by its running statistics, which makes its outputs constants of the image, or as the official training
   * loop, by those of each batch, while the running ones drift. Default `frozen`.
   */
  readonly detectorBatchNorm?: DetectorMode;
}

/** How the frozen detector normalizes: `frozen` by its running statistics, `batch` by those of the batch. */
export type DetectorMode = 'frozen' | 'batch';

/** Options with nothing left out. */
export type ResolvedRefClipOptions = Required<RefClipOptions>;

/** @throws {ConfigError} listing every value out of range. The detector checks its own. */
export function resolveRefClipOptions(options: RefClipOptions): ResolvedRefClipOptions {
  const resolved: ResolvedRefClipOptions = {
    width: 1,
    inputSize: 416,
    classes: 80,
    priors: COCO_PRIORS,
    anchorsPerImage: 17,
    maxTokens: 15,
    wordDimension: 300,
    textHidden: 512,
    attentionLayers: 3,
    dropout: 0.1,
    negativeAnchorAugmentation: true,
    detectorBatchNorm: 'frozen',
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    words: options.words,
  };
  const problems: ConfigProblem[] = [];
  const whole = (key: 'words' | 'anchorsPerImage' | 'maxTokens' | 'wordDimension' | 'textHidden', least: number) => {
    if (!Number.isInteger(resolved[key]) || resolved[key] < least) {
      problems.push({ path: key, problem: `expected a whole number of at least ${least}, got ${resolved[key]}` });
    }
  };
  whole('words', 3);
  whole('anchorsPerImage', 2);
  whole('maxTokens', 1);
  whole('wordDimension', 1);
  whole('textHidden', 8);
  const cells = (resolved.inputSize / 32) ** 2;
  if (resolved.anchorsPerImage > cells) {
    problems.push({
      path: 'anchorsPerImage',
      problem: `expected at most the ${cells} cells of the map, got ${resolved.anchorsPerImage}`,
    });
  }
  if (resolved.textHidden % 8 !== 0)
    problems.push({ path: 'textHidden', problem: `expected a multiple of 8 (heads), got ${resolved.textHidden}` });
  if (problems.length) throw new ConfigError('RefCLIP model', problems);
  return resolved;
}
