import { ConfigError, type ConfigProblem } from '@refclip/structures';

/** What both students have sizes of. */
interface SharedOptions {
  readonly words: number;
  readonly width: number;
  readonly depth: number;
  readonly inputSize: number;
  readonly maxTokens: number;
  readonly wordDimension: number;
  readonly textHidden: number;
  readonly attentionLayers: number;
  readonly hidden: number;
  readonly dropout: number;
}

type Given<T> = Pick<SharedOptions, 'words'> & { readonly [K in keyof T]?: T[K] | undefined };

/**
 * Options with their defaults, `undefined` counting as left out.
 *
 * @throws {ConfigError} listing every value out of range.
 */
export function resolveOptions<T extends Omit<SharedOptions, 'words'>>(
  where: string,
  given: Given<T>,
  defaults: T,
): T & Pick<SharedOptions, 'words'> {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const resolved: T & Pick<SharedOptions, 'words'> = { ...defaults, ...set, words: given.words };
  const problems: ConfigProblem[] = [];
  const check = (path: keyof SharedOptions, good: boolean, expected: string) => {
    if (!good) problems.push({ path, problem: `expected ${expected}, got ${JSON.stringify(resolved[path])}` });
  };
  const whole = (path: keyof SharedOptions, least: number, divisor = 1) => {
    const value = resolved[path];
    const good = Number.isInteger(value) && value >= least && value % divisor === 0;
    check(path, good, `a whole number of at least ${least}${divisor > 1 ? `, a multiple of ${divisor}` : ''}`);
  };
  const positive = (path: keyof SharedOptions) =>
    check(path, Number.isFinite(resolved[path]) && resolved[path] > 0, 'a positive number');
  whole('words', 3);
  positive('width');
  positive('depth');
  whole('inputSize', 32, 32);
  whole('maxTokens', 1);
  whole('wordDimension', 1);
  // Eight heads of self-attention, two of GARAN, halves in the neck.
  whole('textHidden', 8, 8);
  whole('attentionLayers', 0);
  whole('hidden', 4, 4);
  check('dropout', resolved.dropout >= 0 && resolved.dropout < 1, 'a number in [0, 1)');
  if (problems.length) throw new ConfigError(where, problems);
  return resolved;
}
