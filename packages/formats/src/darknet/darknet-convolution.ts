/** A convolution as Darknet stores its weights. */
export interface DarknetConvolution {
  /** What messages call it: the section of the configuration, or a parameter's name. */
  readonly name: string;
  readonly filters: number;
  /** Channels that each filter reads: those of the input, divided by the groups. */
  readonly channels: number;
  /** Side of the kernel. */
  readonly size: number;
  /** With BatchNorm the file has bias, scale, mean and variance before the kernel; without, only the bias. */
  readonly batchNormalize: boolean;
}

/** Numbers that a convolution takes in the file. */
export function darknetNumbers({ filters, channels, size, batchNormalize }: DarknetConvolution): number {
  return filters * (batchNormalize ? 4 : 1) + filters * channels * size * size;
}
