import { BackendError } from '@refclip/structures';
import type { CompileStatefulOptions, StatefulExecutable, TensorSpec } from '../types.js';

/** The state that one executable, or several that share it, step forward. */
export interface StateStore<T> {
  content: T;
  readonly specs: Readonly<Record<string, TensorSpec>>;
  /** Executables that are not disposed yet. */
  users: number;
}

/** The stores of an engine's executables. */
export type StateStores<T> = WeakMap<StatefulExecutable, StateStore<T>>;

/**
 * The store of a new executable: the one that it shares, or a new one.
 *
 * @throws {BackendError} when the other executable is not of this engine, or its state has other names, shapes or types.
 */
export function openStateStore<T>(
  stores: StateStores<T>,
  { name, state, sharedWith }: CompileStatefulOptions,
  create: (specs: Readonly<Record<string, TensorSpec>>) => T,
): StateStore<T> {
  const specs = Object.fromEntries(Object.entries(state).map(([key, { shape, dtype }]) => [key, { shape, dtype }]));
  if (!sharedWith) return { content: create(specs), specs, users: 1 };
  const store = stores.get(sharedWith);
  if (!store || store.users === 0) {
    throw new BackendError(
      `program ${name}: the state to share belongs to a disposed executable or to another engine; expected one that this engine compiled.`,
    );
  }
  const keys = [...new Set([...Object.keys(specs), ...Object.keys(store.specs)])];
  const told = (spec?: TensorSpec) => (spec ? `${spec.dtype} [${spec.shape.join(', ')}]` : 'nothing');
  const differing = keys.filter((key) => told(specs[key]) !== told(store.specs[key]));
  if (differing.length) {
    const list = differing.map((key) => `${key}: expected ${told(specs[key])}, got ${told(store.specs[key])}`);
    throw new BackendError(`program ${name}: the shared state does not fit. ${list.join('; ')}.`);
  }
  store.users++;
  return store;
}
