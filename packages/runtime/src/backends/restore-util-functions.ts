import util from 'node:util';

/**
 * Puts back the two functions of `node:util` that Node 23 removed and tfjs-node 4.22 calls. Where they are there, they stay as they are.
 *
 * @param functions  stands in for `node:util` in tests.
 */
export function restoreUtilFunctions(functions = util as unknown as Record<string, unknown>): void {
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  functions.isArray ??= Array.isArray;
}
