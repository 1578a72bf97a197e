import { ConfigError, type ConfigProblem } from '@refclip/structures';
import { scaleChannels } from '../backbones/scale-channels.js';

/** The strides of the three scales, coarse to fine: maps of 13, 26 and 52 cells a side at 416 pixels. */
export const STRIDES = [32, 16, 8] as const;

/** Pixels of the network's input per cell of a map. */
export type Stride = (typeof STRIDES)[number];

/** Width and height of a prior box, in pixels of the network's input. */
export type Prior = readonly [width: number, height: number];

/** The priors of YOLOv3 on COCO at 416 pixels. */
export const COCO_PRIORS: Readonly<Record<Stride, readonly Prior[]>> = {
  32: [
    [116, 90],
    [156, 198],
    [121, 240],
  ],
  16: [
    [30, 61],
    [62, 45],
    [42, 119],
  ],
  8: [
    [10, 13],
    [16, 30],
    [33, 23],
  ],
};

/** What makes one detector different from another; the defaults are the paper's. */
export interface DetectorOptions {
  /** Factor on the number of channels. Default 1. */
  readonly width?: number;
  /** Factor on the number of residual blocks of a stage. Default 1. */
  readonly depth?: number;
  /** Side of the square input in pixels, a multiple of 32. Default 416. */
  readonly inputSize?: number;
  /** Object categories. Default 80 (COCO). */
  readonly classes?: number;
  /** Priors of each scale, in pixels of the input, at least one each. Default those of COCO. */
  readonly priors?: Readonly<Record<Stride, readonly Prior[]>>;
}

/** Options with nothing left out. */
export type ResolvedDetectorOptions = Required<DetectorOptions>;

/**
 * Options with their defaults.
 *
 * @throws {ConfigError} listing every value out of range.
 */
export function resolveDetectorOptions(options: DetectorOptions = {}): ResolvedDetectorOptions {
  const { width = 1, depth = 1, inputSize = 416, classes = 80, priors = COCO_PRIORS } = options;
  const problems: ConfigProblem[] = [];
  const check = (path: string, good: boolean, expected: string, value: unknown) => {
    if (!good) problems.push({ path, problem: `expected ${expected}, got ${JSON.stringify(value)}` });
  };
  check('width', width > 0 && Number.isFinite(width), 'a positive number', width);
  check('depth', depth > 0 && Number.isFinite(depth), 'a positive number', depth);
  check('inputSize', inputSize > 0 && inputSize % 32 === 0, 'a positive multiple of 32', inputSize);
  check('classes', Number.isInteger(classes) && classes > 0, 'a positive integer', classes);
  for (const stride of STRIDES) {
    const boxes = priors[stride] ?? [];
    const good = boxes.length > 0 && boxes.every(([w, h]) => w > 0 && h > 0);
    check(`priors.${stride}`, good, 'one or more pairs of positive numbers', boxes);
    // Each box of a cell has a group of offset channels of its own in the deformable convolution.
    const channels = scaleChannels(32 * stride, width);
    const count = boxes.length + 1;
    check(
      `priors.${stride}`,
      channels % count === 0,
      `boxes per cell (priors + 1) that divide ${channels} channels`,
      count,
    );
  }
  if (problems.length > 0) throw new ConfigError('detector', problems);
  return { width, depth, inputSize, classes, priors };
}
