import { BackendError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { assertFeeds } from '../host-tensor.js';
import { readConstants } from '../ir/constants.js';
import type {
  Engine,
  EngineName,
  Executable,
  HostTensor,
  NamedHostTensors,
  NamedTensors,
  StatefulExecutable,
} from '../types.js';
import { openStateStore, type StateStores } from './shared-state.js';

/** The names of the engines that are tfjs backends. */
export type EagerEngineName = Exclude<EngineName, 'compiled'>;

/** Runs programs kernel by kernel on a tfjs backend that is already registered. */
export function createEagerEngine(name: EagerEngineName, backend: string, device: string, description: string): Engine {
  const use = async () => {
    if (tf.getBackend() !== backend && !(await tf.setBackend(backend))) {
      throw new BackendError(`the tfjs backend "${backend}" could not start. Choose another engine.`);
    }
    await tf.ready();
  };
  const stores: StateStores<NamedTensors> = new WeakMap();
  return {
    name,
    device,
    description,
    async compile(program, options) {
      await use();
      const constants = keep(await readConstants(options.constants ?? {}));
      const executable: Executable = {
        async run(feeds) {
          assertFeeds(`program ${options.name}`, options.inputs, feeds);
          await use();
          const outputs = tf.tidy(() => detach(program(toTensors(feeds), constants)));
          return await readAndDispose(outputs);
        },
        async dispose() {
          tf.dispose({ ...constants });
        },
      };
      return executable;
    },
    async compileStateful(program, options) {
      await use();
      const constants = keep(await readConstants(options.constants ?? {}));
      const store = openStateStore(stores, options, () => keep(options.state));
      let disposed = false;
      const executable: StatefulExecutable = {
        async step(feeds) {
          assertFeeds(`program ${options.name}`, options.inputs, feeds);
          await use();
          const result = tf.tidy(() => {
            const { state: next, outputs } = program(store.content, toTensors(feeds), constants);
            // A tensor that is both state and output, or the old state passed on, must survive on its own.
            return { state: detach(next), outputs: detach(outputs) };
          });
          tf.dispose({ ...store.content });
          store.content = result.state;
          return await readAndDispose(result.outputs);
        },
        async readState() {
          await use();
          return await read(store.content);
        },
        async writeState(next) {
          assertFeeds(`state of program ${options.name}`, store.specs, next);
          await use();
          tf.dispose({ ...store.content });
          store.content = keep(next);
        },
        async dispose() {
          tf.dispose({ ...constants });
          if (!disposed && --store.users === 0) tf.dispose({ ...store.content });
          disposed = true;
        },
      };
      stores.set(executable, store);
      return executable;
    },
    async dispose() {},
  };
}

function toTensors(tensors: NamedHostTensors): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape, dtype }]) => {
      const inside = dtype === 'uint8' ? 'int32' : dtype;
      const values = dtype === 'uint8' ? Int32Array.from(data) : data;
      return [name, tf.tensor(values, [...shape], inside)];
    }),
  );
}

const keep = (tensors: NamedHostTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(tf.tidy(() => toTensors(tensors))).map(([name, tensor]) => [name, tf.keep(tensor)]),
  );

const detach = (tensors: NamedTensors): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));

async function read(tensors: NamedTensors): Promise<NamedHostTensors> {
  const entries = Object.entries(tensors).map(async ([name, tensor]): Promise<[string, HostTensor]> => {
    const data = (await tensor.data()) as Float32Array | Int32Array | Uint8Array;
    // A view of wasm memory moves when that memory grows.
    return [name, { data: data.slice(), shape: tensor.shape, dtype: tensor.dtype as HostTensor['dtype'] }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function readAndDispose(tensors: Record<string, tf.Tensor>): Promise<NamedHostTensors> {
  const result = await read(tensors);
  tf.dispose(tensors);
  return result;
}
