import { BackendError } from '@refclip/structures';
import type { DeformConv2dSampler, SamplingSizes } from './deform-conv2d-sampler.js';
import { sampleInLoops } from './sample-in-loops.js';

/** Where gpu.js may run the sampling. Its other modes cannot serve a tfjs kernel: WebGPU answers later, headless GL needs binaries outside npm. */
export type GpuJsMode = 'cpu' | 'webasm';

/** gpu.js computes indices as float32 in some modes: beyond this they are wrong. */
const MAX_INDEX = 1 << 24;

/** As much of gpu.js as is used. */
interface GpuJs {
  readonly GPU: new (settings: { mode: string }) => Gpu;
}
interface Gpu {
  createKernel(source: string, settings: object): GpuKernel;
  destroy(): Promise<void>;
}
type GpuKernel = (...inputs: readonly Float32Array[]) => readonly Float32Array[];

/**
 * One sample per thread: x runs over taps and channels, y over positions of one image. A text, not a function, since bundlers rewrite functions.
 * It has no loop: gpu.js ends loops bounded by an argument after 1000 rounds without a word.
 */
const source = `function (x, offset, rows, columns) {
  const tap = Math.floor(this.thread.x / this.constants.channels);
  const channel = this.thread.x - tap * this.constants.channels;
  const group = Math.floor(channel / this.constants.groupChannels);
  const base = this.thread.y * this.constants.points + tap;
  const moved = ((this.thread.y * this.constants.offsetGroups + group) * this.constants.points + tap) * 2;
  const y = rows[base] + offset[moved];
  const z = columns[base] + offset[moved + 1];
  const top = Math.floor(y);
  const left = Math.floor(z);
  const down = y - top;
  const right = z - left;
  const height = this.constants.height;
  const width = this.constants.width;
  let sum = 0;
  if (top >= 0 && top < height) {
    if (left >= 0 && left < width) {
      sum += (1 - down) * (1 - right) * x[(top * width + left) * this.constants.channels + channel];
    }
    if (left + 1 >= 0 && left + 1 < width) {
      sum += (1 - down) * right * x[(top * width + left + 1) * this.constants.channels + channel];
    }
  }
  if (top + 1 >= 0 && top + 1 < height) {
    if (left >= 0 && left < width) {
      sum += down * (1 - right) * x[((top + 1) * width + left) * this.constants.channels + channel];
    }
    if (left + 1 >= 0 && left + 1 < width) {
      sum += down * right * x[((top + 1) * width + left + 1) * this.constants.channels + channel];
    }
  }
  return sum;
}`;

/** A sampler on gpu.js, and what ends it. */
export interface GpuJsSampler {
  readonly sample: DeformConv2dSampler;
  dispose(): Promise<void>;
}

/**
 * Loads gpu.js (an optional peer) and makes a sampler for {@link registerDeformConv2d}. Kernels are compiled once per size and kept.
 *
 * Sizes whose indices pass 2²⁴ (a map of more than 16 million numbers) are sampled in plain loops, with the same result.
 *
 * @throws {BackendError} that says what to install.
 */
export async function createGpuJsSampler({ mode }: { readonly mode: GpuJsMode }): Promise<GpuJsSampler> {
  const { GPU } = await loadGpuJs();
  const gpu = new GPU({ mode });
  const kernels = new Map<string, GpuKernel>();
  const sample: DeformConv2dSampler = (x, offset, sizes) => {
    const { batch, inputHeight, inputWidth, channels, positions, points, offsetGroups } = sizes;
    const [mapSize, offsetSize, width] = [
      inputHeight * inputWidth * channels,
      positions * offsetGroups * points * 2,
      points * channels,
    ];
    if (Math.max(mapSize, offsetSize, width * positions) >= MAX_INDEX) return sampleInLoops(x, offset, sizes);
    const kernel = kernelOf(sizes);
    const samples = new Float32Array(batch * positions * width);
    for (let image = 0; image < batch; image++) {
      const map = x.slice(image * mapSize, (image + 1) * mapSize);
      const moves = offset.slice(image * offsetSize, (image + 1) * offsetSize);
      const lines = kernel(map, moves, sizes.rows, sizes.columns);
      for (let p = 0; p < positions; p++) samples.set(lines[p] as Float32Array, (image * positions + p) * width);
    }
    return samples;
  };
  const kernelOf = ({
    inputHeight,
    inputWidth,
    channels,
    positions,
    points,
    offsetGroups,
  }: SamplingSizes): GpuKernel => {
    const key = [inputHeight, inputWidth, channels, positions, points, offsetGroups].join();
    const made =
      kernels.get(key) ??
      gpu.createKernel(source, {
        output: [points * channels, positions],
        precision: 'single',
        constants: {
          height: inputHeight,
          width: inputWidth,
          channels,
          groupChannels: channels / offsetGroups,
          points,
          offsetGroups,
        },
      });
    kernels.set(key, made);
    return made;
  };
  return { sample, dispose: () => gpu.destroy() };
}

async function loadGpuJs(): Promise<GpuJs> {
  const name = 'gpu.js';
  try {
    const module = (await import(/* @vite-ignore */ name)) as GpuJs & { readonly default?: GpuJs };
    return module.default ?? module;
  } catch (cause) {
    throw new BackendError(
      'gpu.js cannot be loaded. Install it without its graphics binaries (npm install --ignore-scripts gpu.js), or leave the sampler out.',
      { cause },
    );
  }
}
