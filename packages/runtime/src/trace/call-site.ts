import { fileURLToPath } from 'node:url';

/** The folder of this package's code: `src` in development, the package itself when built. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));
const isInside = (line: string) =>
  /@tensorflow[\\/+]|node:/.test(line) || (line.includes(ownFolder) && !/\.test\.[tj]s/.test(line));

/** Where the program called the kernel: the first frame outside tfjs and this package, e.g. `model.ts:12:3`. */
export function callSite(): string {
  return deferredCallSite()();
}

/** {@link callSite} of now, found out when it is asked for: a stack is cheap to keep and dear to write out, which took two thirds of a recording. */
export function deferredCallSite(): () => string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const error = new Error();
  Error.stackTraceLimit = limit;
  let place: string | undefined;
  return () => {
    place ??= placeIn(error.stack ?? '');
    return place;
  };
}

function placeIn(stack: string): string {
  const lines = stack.split('\n').slice(1);
  const isPlace = (line: string) => line.includes('/') || line.includes('\\');
  const chosen = lines.find((line) => isPlace(line) && !isInside(line)) ?? lines.at(-1) ?? '';
  return /\(?([^()\s]+:\d+:\d+)\)?$/.exec(chosen.trim())?.[1]?.replace(/^file:\/\//, '') ?? 'an unknown place';
}
