import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { restoreUtilFunctions } from './restore-util-functions.js';

test('gives a module without the two functions both, as tfjs-node requires it', () => {
  // What tfjs-node sees: the CommonJS object, of which Node 23 took the functions.
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  const before = { isNullOrUndefined: util.isNullOrUndefined, isArray: util.isArray };
  try {
    delete util.isNullOrUndefined;
    delete util.isArray;
    restoreUtilFunctions();
    const { isNullOrUndefined, isArray } = util as Record<string, (value: unknown) => boolean>;
    expect([null, undefined, 0, ''].map((value) => isNullOrUndefined?.(value))).toEqual([true, true, false, false]);
    expect([[], {}].map((value) => isArray?.(value))).toEqual([true, false]);
  } finally {
    Object.assign(util, before);
  }
});

test('leaves functions that are there', () => {
  const own = { isNullOrUndefined: () => false, isArray: () => false };
  const given = { ...own };
  restoreUtilFunctions(given);
  expect(given).toEqual(own);
});
