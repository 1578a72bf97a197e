import type { DeformConv2dSampler } from './deform-conv2d-sampler.js';

/** The samples of a deformable convolution in plain loops: the four weights once per position, tap and offset group, then along the channels. */
export const sampleInLoops: DeformConv2dSampler = (x, offset, sizes) => {
  const { batch, inputHeight, inputWidth, channels, positions, points, offsetGroups, rows, columns } = sizes;
  const groupChannels = channels / offsetGroups;
  const samples = new Float32Array(batch * positions * points * channels);
  const add = (image: number, row: number, column: number, weight: number, first: number, to: number): void => {
    if (row < 0 || row >= inputHeight || column < 0 || column >= inputWidth || weight === 0) return;
    const from = ((image * inputHeight + row) * inputWidth + column) * channels + first;
    for (let c = 0; c < groupChannels; c++) {
      samples[to + c] = (samples[to + c] as number) + weight * (x[from + c] as number);
    }
  };
  for (let image = 0; image < batch; image++) {
    for (let at = 0; at < positions * points; at++) {
      const [position, tap] = [Math.floor(at / points), at % points];
      for (let group = 0; group < offsetGroups; group++) {
        const moved = (((image * positions + position) * offsetGroups + group) * points + tap) * 2;
        // In float32, as every other way of computing it.
        const y = Math.fround((rows[at] as number) + (offset[moved] as number));
        const z = Math.fround((columns[at] as number) + (offset[moved + 1] as number));
        const [top, left] = [Math.floor(y), Math.floor(z)];
        const [down, right] = [y - top, z - left];
        const first = group * groupChannels;
        const to = (image * positions * points + at) * channels + first;
        add(image, top, left, (1 - down) * (1 - right), first, to);
        add(image, top, left + 1, (1 - down) * right, first, to);
        add(image, top + 1, left, down * (1 - right), first, to);
        add(image, top + 1, left + 1, down * right, first, to);
      }
    }
  }
  return samples;
};
