/**
 * What a pickle becomes: dicts are objects (their keys texts or whole numbers), tuples, lists and sets are arrays, whole numbers beyond 2⁵³
 * bigints. `T` are the objects that a caller's own names make.
 */
export type PickleValue<T = never> =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | T
  | PickleValue<T>[]
  | { [key: string]: PickleValue<T> };

/** Whether a value is one that a dict became. */
export function isPickledDict<T>(value: PickleValue<T>): value is { [key: string]: PickleValue<T> } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Sets `dict[key]`, also for keys that mean something to JavaScript. */
export function setPickledItem<T>(
  dict: { [key: string]: PickleValue<T> },
  key: string | number,
  value: PickleValue<T>,
): void {
  if (key === '__proto__') {
    Object.defineProperty(dict, key, { value, enumerable: true, configurable: true, writable: true });
  } else dict[key] = value;
}
