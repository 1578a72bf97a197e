import { scaleChannels } from '@refclip/vision';
import { resolveOptions } from '../resolve-options.js';

/** Sizes of a SimREC model; the defaults are the paper's for RefCOCO. */
export interface SimRecOptions {
  /** Entries of the vocabulary. */
  readonly words: number;
  /** Factor on the channels. Default 1. */
  readonly width?: number;
  /** Factor on the bottlenecks of the backbone. Default 1. */
  readonly depth?: number;
  /** Side of the square input in pixels, a multiple of 32. Default 416. */
  readonly inputSize?: number;
  /** Tokens of an expression. Default 15. */
  readonly maxTokens?: number;
  /** Size of a word vector. Default 300. */
  readonly wordDimension?: number;
  /** Size of text features, a multiple of 8. Default 512. */
  readonly textHidden?: number;
  /** Self-attention blocks of the text encoder. Default 1. */
  readonly attentionLayers?: number;
  /** Channels of the joint maps, a multiple of 4. Default 512·width. */
  readonly hidden?: number;
  /** Default 0.1. */
  readonly dropout?: number;
  /**
   * Whether training draws a side per step. Default true: multiples of 32 from 7/13 to 19/13 of the input (224 … 608 of 416). It also decides whether the
   * frozen layers can be computed once per image.
   */
  readonly multiScale?: boolean;
  /**
   * What the frozen layers 0–7 normalize by in training: `running` statistics (default) or those of the batch, as the official loop does, which also moves
   * the running ones.
   */
  readonly frozenStatistics?: 'running' | 'batch';
}

/** Options with nothing left out. */
export type ResolvedSimRecOptions = Required<SimRecOptions>;

/** @throws {ConfigError} listing every value out of range. */
export function resolveSimRecOptions(options: SimRecOptions): ResolvedSimRecOptions {
  return resolveOptions<Omit<ResolvedSimRecOptions, 'words'>>('SimREC model', options, {
    width: 1,
    depth: 1,
    inputSize: 416,
    maxTokens: 15,
    wordDimension: 300,
    textHidden: 512,
    attentionLayers: 1,
    hidden: scaleChannels(512, options.width ?? 1),
    dropout: 0.1,
    multiScale: true,
    frozenStatistics: 'running',
  });
}
