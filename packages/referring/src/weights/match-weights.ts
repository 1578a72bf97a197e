import { type FormatTensor, type StateDict, toFloat32 } from '@refclip/formats';
import { fromFileLayout, type MatchParametersOptions, matchParameters, type ParameterSpec } from '@refclip/nn';
import { type HostTensor, hostTensor } from '@refclip/runtime';

/** How names of the file and of the model are matched; see `matchParameters`. */
export type LoadWeightsOptions = Omit<MatchParametersOptions, 'where'>;

/** A tensor of the model and how to get it. */
export interface WeightMatch {
  readonly spec: ParameterSpec;
  /** What the content is within its file: equal sources of equal files are equal tensors. */
  readonly source: string;
  /** In the memory layout. */
  read(): Promise<HostTensor>;
}

/**
 * The tensors of a model in a weights file, all or nothing. BatchNorm's counters (`num_batches_tracked`), which files of old versions lack, are then 0, as
 * PyTorch has it.
 *
 * @throws {WeightsError} that lists every missing, unexpected and mismatched name with shapes.
 */
export function matchWeights(
  weights: StateDict,
  specs: readonly ParameterSpec[],
  options: LoadWeightsOptions,
): readonly WeightMatch[] {
  const shapes = new Map([...weights.tensors].map(([name, { shape }]) => [name, shape]));
  const matches = matchParameters(specs, shapes, {
    ...options,
    where: weights.file,
    optional: (name) => isCounter(name) || options.optional?.(name) === true,
  });
  const found = matches.map(({ spec, fileName }): WeightMatch => {
    const tensor = weights.tensors.get(fileName);
    if (!tensor) throw new TypeError(`internal: ${fileName} was matched and is not there`);
    return {
      spec,
      source: `${fileName} as ${spec.layout} ${spec.dtype}`,
      read: async () => fromFileLayout(spec, decode(await tensor.read(), spec.dtype)),
    };
  });
  const names = new Set(found.map(({ spec }) => spec.name));
  const counters = specs.filter(
    // Only beside the statistics that they count.
    ({ name }) =>
      isCounter(name) && !names.has(name) && names.has(name.replace(/num_batches_tracked$/, 'running_mean')),
  );
  return [
    ...found,
    ...counters.map((spec) => ({
      spec,
      source: 'a counter at 0',
      read: async () => hostTensor(new Int32Array(1), spec.shape),
    })),
  ];
}

const isCounter = (name: string) => /(^|\.)num_batches_tracked$/.test(name);

function decode(tensor: FormatTensor, dtype: 'float32' | 'int32'): HostTensor {
  return dtype === 'int32'
    ? hostTensor(Int32Array.from(tensor.data, Number), tensor.shape)
    : hostTensor(toFloat32(tensor), tensor.shape, 'float32');
}
