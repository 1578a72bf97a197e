import type { ConstantTensor, Engine, Executable, NamedConstants, NamedTensors, TensorSpec } from '@refclip/runtime';
import { createScope } from '../parameters/create-scope.js';
import { declareParameters } from '../parameters/declare-parameters.js';
import type { Scope } from '../parameters/scope.js';

/** What {@link compileModel} compiles. */
export interface CompileModelOptions {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Layers called on a scope at the model's root, as at inference. */
  readonly run: (scope: Scope, inputs: NamedTensors) => NamedTensors;
  /** Parameters and statistics of the model by name, memory layout; the ones that `run` does not use are left out. */
  readonly values: NamedConstants;
}

/** Compiles layers with the tensors they use as constants. */
export async function compileModel(
  engine: Engine,
  { name, inputs, run, values }: CompileModelOptions,
): Promise<Executable> {
  const { parameters } = declareParameters((scope, given) => run(scope.frozen(), given), inputs);
  const constants = Object.fromEntries(parameters.map((spec) => [spec.name, values[spec.name] as ConstantTensor]));
  return await engine.compile((given, weights) => run(createScope(weights, { training: false }).scope, given), {
    name,
    inputs,
    constants,
  });
}
