import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { type MismatchedWeight, WeightsError } from '@refclip/structures';
import { fileShape, fromFileLayout } from './file-layout.js';
import type { ParameterSpec } from './parameter-spec.js';

/** How names of a file and of a model are matched. */
export interface LoadParametersOptions {
  /** What is being loaded, for the error message; e.g. the file's name. */
  readonly where: string;
  /** Put before every name of the file, e.g. `'visual_encoder.'` for detector weights. Default none. */
  readonly prefix?: string;
  /** Model names that may be absent from the file; they are left out of the result. Default none. */
  readonly optional?: (name: string) => boolean;
  /** Names of the file (prefix included) that are passed over when the model lacks them. Default none. */
  readonly ignored?: (name: string) => boolean;
}

/**
 * Matches the tensors of a file with a model's, all or nothing.
 *
 * A leading `module.` that every name of the file carries (a model trained on several GPUs) is dropped first.
 *
 * @param specs  tensors of the model.
 * @param fileTensors  tensors by name, in the layout of files; float32, or int32 for counters.
 * @returns tensors by the model's names, in the memory layout.
 * @throws {WeightsError} that lists every missing, unexpected and mismatched name (shapes in the file's layout).
 */
export function loadParameters(
  specs: readonly ParameterSpec[],
  fileTensors: NamedHostTensors,
  { where, prefix = '', optional = () => false, ignored = () => false }: LoadParametersOptions,
): NamedHostTensors {
  const names = Object.keys(fileTensors);
  const parallel = names.length > 0 && names.every((name) => name.startsWith('module.'));
  const found = new Map(
    Object.entries(fileTensors).map(([name, tensor]) => [
      prefix + (parallel ? name.slice('module.'.length) : name),
      tensor,
    ]),
  );
  const missing: string[] = [];
  const mismatched: MismatchedWeight[] = [];
  const values: Record<string, HostTensor> = {};
  for (const spec of specs) {
    const tensor = found.get(spec.name);
    found.delete(spec.name);
    if (!tensor) {
      if (!optional(spec.name)) missing.push(spec.name);
      continue;
    }
    const expected = fileShape(spec);
    if (tensor.shape.join() !== expected.join()) {
      mismatched.push({ name: spec.name, expected, actual: tensor.shape });
    } else {
      values[spec.name] = fromFileLayout(spec, castTo(spec.dtype, tensor));
    }
  }
  const unexpected = [...found.keys()].filter((name) => !ignored(name));
  if (missing.length + unexpected.length + mismatched.length > 0) {
    throw new WeightsError(where, { missing, unexpected, mismatched });
  }
  return values;
}

function castTo(dtype: 'float32' | 'int32', tensor: HostTensor): HostTensor {
  if (tensor.dtype === dtype) return tensor;
  const data = dtype === 'int32' ? Int32Array.from(tensor.data) : Float32Array.from(tensor.data);
  return { shape: tensor.shape, dtype, data };
}
