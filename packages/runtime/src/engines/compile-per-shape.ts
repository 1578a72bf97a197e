import type { Engine, Executable, NamedConstants, Program, TensorSpec } from '../types.js';

/** What {@link compilePerShape} needs. */
export interface PerShapeOptions {
  readonly name: string;
  readonly constants?: NamedConstants;
  /** How many shapes are kept compiled; the one unused for longest goes first. Default 4. */
  readonly capacity?: number;
}

/** An {@link Executable} for inputs of any shape: it compiles the program for each new one. `program` must work for all of them. */
export function compilePerShape(
  engine: Engine,
  program: Program,
  { name, constants, capacity = 4 }: PerShapeOptions,
): Executable {
  /** In the order of last use. */
  const compiled = new Map<string, Promise<Executable>>();
  const executableFor = (inputs: Readonly<Record<string, TensorSpec>>): Promise<Executable> => {
    const key = JSON.stringify(inputs);
    const known = compiled.get(key);
    compiled.delete(key);
    const executable = known ?? engine.compile(program, { name, inputs, ...(constants ? { constants } : {}) });
    compiled.set(key, executable);
    // A failure is not kept: it is reported again each time.
    executable.catch(() => compiled.delete(key));
    return executable;
  };
  // Runs take turns, so that none is disposed under way.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const shrink = async (size: number) => {
    for (const [key, executable] of [...compiled].slice(0, Math.max(0, compiled.size - size))) {
      compiled.delete(key);
      await (await executable.catch(() => undefined))?.dispose();
    }
  };
  return {
    run: (feeds) =>
      inTurn(async () => {
        const names = Object.keys(feeds).sort();
        const specs = names.map((key) => {
          const { shape, dtype } = feeds[key] as TensorSpec;
          return [key, { shape: [...shape], dtype }] as const;
        });
        const executable = executableFor(Object.fromEntries(specs));
        await shrink(capacity);
        return await (await executable).run(feeds);
      }),
    dispose: () => inTurn(() => shrink(0)),
  };
}
