import { type MismatchedWeight, WeightsError } from '@refclip/structures';
import { fileShape } from './file-layout.js';
import type { ParameterSpec } from './parameter-spec.js';

/** How names of a file and of a model are matched. */
export interface MatchParametersOptions {
  /** What is being loaded, for the error message; e.g. the file's name. */
  readonly where: string;
  /** Put before every name of the file, e.g. `'visual_encoder.'` for detector weights. Default none. */
  readonly prefix?: string;
  /** Where in a larger model the parameters may stand: if any name of the file begins with it, only those are read, without it. Default none. */
  readonly within?: string;
  /** Model names that may be absent from the file; they are left out of the result. Default none. */
  readonly optional?: (name: string) => boolean;
  /** Names of the file (prefix included) that are passed over when the model lacks them. Default none. */
  readonly ignored?: (name: string) => boolean;
}

/** A tensor of a model and its name in the file. */
export interface ParameterMatch {
  readonly spec: ParameterSpec;
  readonly fileName: string;
}

/**
 * Matches the names and shapes of a file with a model's, all or nothing; no values are needed yet.
 *
 * A leading `module.` that every name of the file carries (a model trained on several GPUs) is dropped first.
 *
 * @param specs  tensors of the model.
 * @param shapes  shapes by name, in the layout of files.
 * @throws {WeightsError} that lists every missing, unexpected and mismatched name with its shape in the file's layout; also when no name matches.
 */
export function matchParameters(
  specs: readonly ParameterSpec[],
  shapes: ReadonlyMap<string, readonly number[]>,
  { where, prefix = '', within, optional = () => false, ignored = () => false }: MatchParametersOptions,
): readonly ParameterMatch[] {
  const found = modelNames([...shapes.keys()], prefix, within);
  const missing: string[] = [];
  const mismatched: MismatchedWeight[] = [];
  const matches: ParameterMatch[] = [];
  for (const spec of specs) {
    const fileName = found.get(spec.name);
    found.delete(spec.name);
    if (fileName === undefined) {
      if (!optional(spec.name)) missing.push(spec.name);
      continue;
    }
    const expected = fileShape(spec);
    const actual = shapes.get(fileName) as readonly number[];
    if (actual.join() === expected.join()) matches.push({ spec, fileName });
    else mismatched.push({ name: spec.name, expected, actual });
  }
  const unexpected = [...found.keys()].filter((name) => !ignored(name));
  const strange = specs.length > 0 && matches.length + mismatched.length === 0;
  if (missing.length + unexpected.length + mismatched.length === 0 && !strange) return matches;
  const known = new Map([
    ...specs.map((spec): [string, readonly number[]] => [spec.name, fileShape(spec)]),
    ...unexpected.map((name): [string, readonly number[]] => [name, shapes.get(found.get(name) ?? '') ?? []]),
  ]);
  const hint = strange ? 'No name of the file is one of the model: it holds other weights.' : '';
  throw new WeightsError(where, { missing, unexpected, mismatched, shapes: known }, hint);
}

/** Names of the model → names of the file. */
function modelNames(names: readonly string[], prefix: string, within: string | undefined): Map<string, string> {
  const parallel = names.length > 0 && names.every((name) => name.startsWith('module.'));
  const start = parallel ? 'module.' : '';
  const inner = within !== undefined && names.some((name) => name.startsWith(start + within)) ? start + within : start;
  return new Map(
    names.filter((name) => name.startsWith(inner)).map((name) => [prefix + name.slice(inner.length), name]),
  );
}
