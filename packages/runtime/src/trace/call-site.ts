const own = /[\\/](runtime[\\/](src|dist)[\\/]|@refclip[\\/]runtime[\\/]|@tensorflow[\\/])/;

/** Where the program called the kernel: the first frame outside tfjs and this package, e.g. `model.ts:12:3`. */
export function callSite(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  const frame = lines.find(
    (line) => (line.includes('/') || line.includes('\\')) && !own.test(line) && !line.includes('node:'),
  );
  // Tests of this package lie inside it: fall back to the frame of a test file.
  const chosen = frame ?? lines.find((line) => /\.test\.[tj]s/.test(line)) ?? lines.at(-1) ?? '';
  return /\(?([^()\s]+:\d+:\d+)\)?$/.exec(chosen.trim())?.[1]?.replace(/^file:\/\//, '') ?? 'an unknown place';
}
