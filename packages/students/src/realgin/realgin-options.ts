import { scaleChannels } from '@refclip/vision';
import { resolveOptions } from '../resolve-options.js';
import { type Anchor, REALGIN_ANCHORS } from '../single-box/single-box-output.js';

/** Sizes of a RealGIN model; the defaults are those of the RefCLIP lab's code. */
export interface RealGinOptions {
  /** Entries of the vocabulary. */
  readonly words: number;
  /** Factor on the channels. Default 1. */
  readonly width?: number;
  /** Factor on the residual blocks of the backbone. Default 1. */
  readonly depth?: number;
  /** Side of the square input in pixels, a multiple of 32. Default 416. */
  readonly inputSize?: number;
  /** Tokens of an expression. Default 15. */
  readonly maxTokens?: number;
  /** Size of a word vector. Default 300. */
  readonly wordDimension?: number;
  /** Size of text features, a multiple of 8. Default 1024. */
  readonly textHidden?: number;
  /** Self-attention blocks of the text encoder. Default 1. */
  readonly attentionLayers?: number;
  /** Channels of the selected features, a multiple of 4; the joint map has twice as many. Default 512·width. */
  readonly hidden?: number;
  /** Default 0.1. */
  readonly dropout?: number;
  /** Sizes of the boxes that a cell starts from, pixels of the input. Default three wide ones of 416 pixels, scaled to the input's side. */
  readonly anchors?: readonly Anchor[];
  /**
   * What the frozen layers 0–11 normalize by in training: `running` statistics (default; their outputs are constants of the image then) or those of the
   * batch, as the official loop does, which also moves the running ones.
   */
  readonly frozenStatistics?: 'running' | 'batch';
}

/** Options with nothing left out. */
export type ResolvedRealGinOptions = Required<RealGinOptions>;

/** @throws {ConfigError} listing every value out of range. */
export function resolveRealGinOptions(options: RealGinOptions): ResolvedRealGinOptions {
  const inputSize = options.inputSize ?? 416;
  return resolveOptions<Omit<ResolvedRealGinOptions, 'words'>>('RealGIN model', options, {
    width: 1,
    depth: 1,
    inputSize,
    maxTokens: 15,
    wordDimension: 300,
    textHidden: 1024,
    attentionLayers: 1,
    hidden: scaleChannels(512, options.width ?? 1),
    dropout: 0.1,
    anchors: REALGIN_ANCHORS.map(([width, height]) => [(width * inputSize) / 416, (height * inputSize) / 416]),
    frozenStatistics: 'running',
  });
}
