import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { fromFileLayout } from './file-layout.js';
import { type MatchParametersOptions, matchParameters } from './match-parameters.js';
import type { ParameterSpec } from './parameter-spec.js';

/**
 * Matches the tensors of a file with a model's, all or nothing; see `matchParameters`.
 *
 * @param specs  tensors of the model.
 * @param fileTensors  tensors by name, in the layout of files; float32, or int32 for counters.
 * @returns tensors by the model's names, in the memory layout.
 * @throws {WeightsError} that lists every missing, unexpected and mismatched name (shapes in the file's layout).
 */
export function loadParameters(
  specs: readonly ParameterSpec[],
  fileTensors: NamedHostTensors,
  options: MatchParametersOptions,
): NamedHostTensors {
  const shapes = new Map(Object.entries(fileTensors).map(([name, { shape }]) => [name, shape]));
  const matches = matchParameters(specs, shapes, options);
  return Object.fromEntries(
    matches.map(({ spec, fileName }) => [
      spec.name,
      fromFileLayout(spec, castTo(spec.dtype, fileTensors[fileName] as HostTensor)),
    ]),
  );
}

function castTo(dtype: 'float32' | 'int32', tensor: HostTensor): HostTensor {
  if (tensor.dtype === dtype) return tensor;
  const data = dtype === 'int32' ? Int32Array.from(tensor.data) : Float32Array.from(tensor.data);
  return { shape: tensor.shape, dtype, data };
}
