import { isPickledDict, type PickleValue, setPickledItem } from './pickle-value.js';
import type { PickleGlobal } from './python-values.js';

/** What stands for a name of Python's while a pickle is read. Nothing of Python's is run: this is data made from data. */
export interface KnownGlobal<T> {
  /** What the bare name stands for. Default: it can only be called or passed on. */
  readonly value?: PickleValue<T>;
  /**
   * What a call with these arguments gives. Default: calls are refused.
   *
   * @param fail  refuses the file.
   */
  call?(args: readonly PickleValue<T | PickleGlobal>[], fail: (problem: string) => never): PickleValue<T>;
  /** Takes the state that a pickle sets on what a call gave. Default: states are refused. */
  build?(
    value: PickleValue<T | PickleGlobal>,
    state: PickleValue<T | PickleGlobal>,
    fail: (problem: string) => never,
  ): void;
}

/** Names that are known, `module.name` → what stands for them. */
export type KnownGlobals<T> = ReadonlyMap<string, KnownGlobal<T>>;

const toBytes: KnownGlobal<never> = {
  call: ([text = '', encoding = 'latin1'], fail) => {
    if (text instanceof Uint8Array) return text;
    if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'utf8'))
      return fail('bytes that are no text in Latin-1');
    return Buffer.from(text, encoding);
  },
};
const toItems: KnownGlobal<never> = {
  call: ([items = []], fail) => (Array.isArray(items) ? (items as PickleValue[]) : fail('a set of what is no list')),
};
const toDict: KnownGlobal<never> = {
  // Attributes of the dict, such as the `_metadata` of a state dict.
  build: () => undefined,
  call: ([items = []], fail) => {
    if (isPickledDict(items)) return items as PickleValue;
    if (!Array.isArray(items)) return fail('an OrderedDict of what is no list');
    const dict: { [key: string]: PickleValue } = {};
    for (const pair of items) {
      const [key, value] = Array.isArray(pair) && pair.length === 2 ? pair : [];
      if ((typeof key !== 'string' && typeof key !== 'number') || value === undefined)
        return fail('an OrderedDict of what are no pairs');
      setPickledItem(dict, key, value as PickleValue);
    }
    return dict;
  },
};

/** The names that plain data needs: old protocols write bytes and sets by calls, Python 2 ordered dicts as lists of pairs. */
export const plainGlobals: KnownGlobals<never> = new Map<string, KnownGlobal<never>>([
  ['collections.OrderedDict', toDict],
  ['_codecs.encode', toBytes],
  ...['builtins', '__builtin__'].flatMap((module): [string, KnownGlobal<never>][] => [
    [`${module}.bytes`, toBytes],
    [`${module}.bytearray`, toBytes],
    [`${module}.set`, toItems],
    [`${module}.frozenset`, toItems],
  ]),
]);
