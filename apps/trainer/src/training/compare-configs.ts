import type { TrainerConfig } from '@refclip/app-shared';
import { ConfigError, type ConfigProblem } from '@refclip/structures';

/** Entries that change neither the weights nor the numbers of a run. */
const free = /^(runs|data\.workers|detector\.cache\.directory|engine\.cache|training\.saveEvery(Steps|Minutes))$/;

/**
 * @param where  the run, for the message.
 * @throws {ConfigError} naming every entry in which a configuration differs from the one of a run that it should resume.
 */
export function assertSameConfig(run: TrainerConfig, now: TrainerConfig, where: string): void {
  const [before, after] = [flatten(run), flatten(now)];
  const problems = [...new Set([...before.keys(), ...after.keys()])].flatMap((path): ConfigProblem[] => {
    const [old, given] = [before.get(path) ?? 'nothing', after.get(path) ?? 'nothing'];
    return old === given || free.test(path)
      ? []
      : [{ path, problem: `the run has ${old}, the configuration ${given}` }];
  });
  if (problems.length) throw new ConfigError(where, problems);
}

function flatten(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[path, JSON.stringify(value)]]);
  return new Map(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .flatMap(([key, inner]) => [...flatten(inner, path ? `${path}.${key}` : key)]),
  );
}
