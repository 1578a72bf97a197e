/** Channels of a layer at a width: the multiple of 4 nearest to `channels·width`, at least 4. */
export function scaleChannels(channels: number, width: number): number {
  return Math.max(1, Math.round((channels * width) / 4)) * 4;
}
