import type { Tensor } from 'onnxruntime-node';
import { assertFeeds, zerosTensor } from '../host-tensor.js';
import { readGraphConstants } from '../ir/constants.js';
import type { CustomLowering } from '../kernels/kernel-definition.js';
import { lowerGraph } from '../lower/lower-graph.js';
import { withStopOutput } from '../lower/with-stop-output.js';
import { optimizeGraph } from '../passes/optimize-graph.js';
import { canStop } from '../session/can-stop.js';
import {
  loadOnnxRuntime,
  OnnxSession,
  type Provider,
  type SessionOptions,
  toHostTensors,
} from '../session/onnx-session.js';
import { programKey } from '../session/program-key.js';
import { recordProgram } from '../trace/record-program.js';
import type {
  CompileOptions,
  CompileStatefulOptions,
  ConstantTensor,
  Engine,
  Executable,
  HostTensor,
  NamedHostTensors,
  Program,
  StatefulExecutable,
  TensorSpec,
} from '../types.js';
import { openStateStore, type StateStores } from './shared-state.js';
import { prefixed, statefulAsProgram, stateNames, unprefixed } from './stateful-program.js';

/** What {@link createCompiledEngine} needs. */
export interface CompiledEngineOptions {
  readonly provider: Provider;
  readonly threads?: number | undefined;
  readonly cacheDirectory?: string | undefined;
  readonly cacheLimit?: number | undefined;
  readonly lowerings?: readonly CustomLowering[] | undefined;
  readonly description: string;
}

/** The engine that records programs, lowers them to ONNX and runs them on ONNX Runtime. */
export function createCompiledEngine({
  provider,
  threads,
  cacheDirectory,
  cacheLimit = 8 * 2 ** 30,
  lowerings = [],
  description,
}: CompiledEngineOptions): Engine {
  const options: SessionOptions = { provider, threads };
  const sessions = new Set<OnnxSession>();
  const stores: StateStores<TurnTaking> = new WeakMap();
  const open = async (program: Program, compile: CompileOptions, stops = false): Promise<OpenedProgram> => {
    const recorded = recordProgram<ConstantTensor>(program, { ...compile, lowerings });
    const model = async () => {
      const lowered = lowerGraph(optimizeGraph(await readGraphConstants(recorded)), lowerings);
      return stops ? withStopOutput(lowered) : lowered;
    };
    const runtimeVersion = (await loadOnnxRuntime()).env.versions.node ?? 'unknown';
    const kept = cacheDirectory && {
      directory: cacheDirectory,
      limit: cacheLimit,
      key: programKey(recorded, { provider, runtimeVersion, lowerings, stops }),
    };
    const session = await OnnxSession.create(model, options, kept || undefined);
    sessions.add(session);
    return { session, outputs: Object.fromEntries(recorded.outputs.map(({ name, value }) => [name, value.spec])) };
  };
  const close = async (session: OnnxSession) => {
    if (sessions.delete(session)) await session.release();
  };
  return {
    name: 'compiled',
    device: provider,
    description,
    async compile(program, compile) {
      const { session } = await open(withDistinctOutputs(program, compile.inputs), compile);
      return compiledExecutable(session, compile, () => close(session));
    },
    async compileStateful(program, compile) {
      const { name, state, inputs, constants } = compile;
      const all = { ...prefixed(stateNames.state, specsOf(state)), ...prefixed(stateNames.input, inputs) };
      const plain = { name, inputs: all, ...(constants ? { constants } : {}) };
      const opened = await open(statefulAsProgram(program), plain, await canStop(provider));
      try {
        return compiledStatefulExecutable(opened, compile, stores, () => close(opened.session));
      } catch (error) {
        await close(opened.session);
        throw error;
      }
    },
    async dispose() {
      await Promise.all([...sessions].map(close));
    },
  };
}

/** A program in ONNX Runtime, with the shapes and types of its outputs. */
interface OpenedProgram {
  readonly session: OnnxSession;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
}

/** Outputs that are named like an input get a prefix: in an ONNX graph every name is unique. */
function withDistinctOutputs(program: Program, inputs: Readonly<Record<string, TensorSpec>>): Program {
  return (tensors, constants) =>
    Object.fromEntries(
      Object.entries(program(tensors, constants)).map(([name, tensor]) => [
        name in inputs ? stateNames.output + name : name,
        tensor,
      ]),
    );
}

function compiledExecutable(
  session: OnnxSession,
  { name, inputs }: CompileOptions,
  release: () => Promise<void>,
): Executable {
  return {
    async run(feeds) {
      assertFeeds(`program ${name}`, inputs, feeds);
      const results = await session.run(feedsOf(session, inputs, feeds));
      const outputs = toHostTensors(results, Object.keys(results));
      return Object.fromEntries(
        Object.entries(outputs).map(([key, tensor]) => [
          key.startsWith(stateNames.output) ? key.slice(stateNames.output.length) : key,
          tensor,
        ]),
      );
    },
    dispose: release,
  };
}

/** State lives in two sets of tensors that take turns as input and output, so a step copies nothing. */
interface TurnTaking {
  readonly current: Readonly<Record<string, Tensor>>;
  readonly spare: Readonly<Record<string, Tensor>>;
}

function compiledStatefulExecutable(
  { session, outputs }: OpenedProgram,
  compile: CompileStatefulOptions,
  stores: StateStores<TurnTaking>,
  release: () => Promise<void>,
): StatefulExecutable {
  const { name, inputs, state, sharedWith } = compile;
  const store = openStateStore(stores, compile, (specs) => ({
    current: zerosOf(session, specs),
    spare: zerosOf(session, specs),
  }));
  const write = (next: NamedHostTensors) => {
    assertFeeds(`state of program ${name}`, store.specs, next);
    const { current } = store.content;
    for (const [key, { data }] of Object.entries(next)) ((current[key] as Tensor).data as Float32Array).set(data);
  };
  if (!sharedWith) write(state);
  let disposed = false;
  const executable: StatefulExecutable = {
    async step(feeds) {
      assertFeeds(`program ${name}`, inputs, feeds);
      const { current, spare } = store.content;
      const results = zerosOf(session, unprefixed(stateNames.output, outputs));
      await session.runInto(
        { ...prefixed(stateNames.state, current), ...prefixed(stateNames.input, feedsOf(session, inputs, feeds)) },
        { ...prefixed(stateNames.next, spare), ...prefixed(stateNames.output, results) },
      );
      store.content = { current: spare, spare: current };
      return toHostTensors(results, Object.keys(results));
    },
    async readState() {
      const { current } = store.content;
      const host = toHostTensors(current, Object.keys(current));
      return Object.fromEntries(
        Object.entries(host).map(([key, tensor]) => [key, { ...tensor, data: tensor.data.slice() }]),
      );
    },
    writeState: async (next) => write(next),
    async dispose() {
      if (!disposed) store.users--;
      disposed = true;
      await release();
    },
  };
  stores.set(executable, store);
  return executable;
}

function feedsOf(
  session: OnnxSession,
  specs: Readonly<Record<string, TensorSpec>>,
  feeds: NamedHostTensors,
): Record<string, Tensor> {
  return Object.fromEntries(Object.keys(specs).map((key) => [key, session.tensor(feeds[key] as HostTensor)]));
}

function zerosOf(session: OnnxSession, specs: Readonly<Record<string, TensorSpec>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(specs).map(([key, spec]) => [key, session.tensor(zerosTensor(spec))]));
}

function specsOf(tensors: NamedHostTensors): Record<string, TensorSpec> {
  return Object.fromEntries(Object.entries(tensors).map(([key, { shape, dtype }]) => [key, { shape, dtype }]));
}
