import { findUnfoldingProblem } from './check-unfolded.js';
import { type KnownGlobal, type KnownGlobals, plainGlobals } from './known-globals.js';
import { PickleCursor } from './pickle-cursor.js';
import { PickleMemo } from './pickle-memo.js';
import { isPickledDict, type PickleValue, setPickledItem } from './pickle-value.js';
import { PickleGlobal } from './python-values.js';

/** Values that are made while one pickle is read. Ten times the largest annotation file of the field; keeps memory near 2 GB at worst. */
const mostValues = 2 ** 24;

/** How names and persistent ids of a pickle are understood. */
export interface PickleReaderOptions<T> {
  /** Values that one pickle may make. Default 2²⁴. */
  readonly mostValues?: number;
  /** Where in the file the pickle is, for messages. */
  readonly part?: string;
  /** Names that may appear beside those of plain data. Default none. */
  readonly globals?: KnownGlobals<T>;
  /** The object that a persistent id stands for. Default: they are refused. */
  readonly persistentLoad?: (id: PickleValue<T | PickleGlobal>, fail: (problem: string) => never) => PickleValue<T>;
  /** Whether an object is only an argument of calls; one that is left in the result is refused. */
  readonly isArgumentOnly?: (value: PickleValue<T | PickleGlobal>) => boolean;
}

/**
 * The machine that a pickle is a program for, reduced to what makes data. Protocols 0–5.
 *
 * @see https://docs.python.org/3/library/pickletools.html, the opcodes
 */
export class PickleReader<T> {
  readonly #cursor: PickleCursor;
  readonly #options: PickleReaderOptions<T>;
  readonly #memo = new PickleMemo<Item<T>>();
  /** By which name an object was made; only such may have their state set. */
  readonly #makers = new Map<Item<T>, KnownGlobal<T>>();
  #stack: Item<T>[] = [];
  #marked: Item<T>[][] = [];
  #values = 0;

  constructor(bytes: Uint8Array, file: string, options: PickleReaderOptions<T> = {}) {
    this.#cursor = new PickleCursor(bytes, file, options.part);
    this.#options = options;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#cursor.position;
  }

  /** The next pickle of the bytes. */
  read(): PickleValue<T> {
    this.#memo.clear();
    this.#makers.clear();
    this.#stack = [];
    this.#marked = [];
    this.#values = 0;
    const limit = this.#options.mostValues ?? mostValues;
    for (;;) {
      const opcode = this.#cursor.byte();
      if (opcode === 0x2e) return this.#finish(this.#pop());
      this.#step(opcode);
      if (++this.#values > limit) this.#fail(`makes more than ${limit} values`);
    }
  }

  #finish(value: Item<T>): PickleValue<T> {
    const problem = findUnfoldingProblem<T | PickleGlobal>(value, (part) => {
      if (part instanceof PickleGlobal) return `holds code (${part}) as a value`;
      return this.#options.isArgumentOnly?.(part) ? 'holds as a value what only calls may take' : undefined;
    });
    if (problem) this.#fail(problem);
    return value as PickleValue<T>;
  }

  #step(opcode: number): void {
    const make = literals[opcode];
    if (make) {
      this.#stack.push(make(this.#cursor));
      return;
    }
    const act = this.#actions[opcode];
    if (!act) this.#fail(`0x${opcode.toString(16)} is no opcode that is read here`);
    act();
  }

  readonly #actions: Readonly<Record<number, () => void>> = {
    // PROTO
    128: () => {
      if (this.#cursor.byte() > 5) this.#fail('protocol is newer than 5');
    },
    // FRAME: only a hint for reading ahead
    149: () => {
      this.#cursor.span(8);
    },
    // MARK
    40: () => {
      this.#marked.push(this.#stack);
      this.#stack = [];
    },
    // POP
    48: () => {
      if (this.#stack.length > 0) this.#stack.pop();
      else this.#toMark();
    },
    // POP_MARK
    49: () => {
      this.#toMark();
    },
    // DUP
    50: () => {
      this.#stack.push(this.#top());
    },
    // LIST, TUPLE, FROZENSET
    108: () => this.#pushMarked((items) => items),
    116: () => this.#pushMarked((items) => items),
    145: () => this.#pushMarked((items) => items),
    // TUPLE1, TUPLE2, TUPLE3
    133: () => this.#pushTuple(1),
    134: () => this.#pushTuple(2),
    135: () => this.#pushTuple(3),
    // DICT
    100: () => this.#pushMarked((items) => this.#setItems({}, items)),
    // APPEND
    97: () => this.#append([this.#pop()]),
    // APPENDS, ADDITEMS
    101: () => this.#append(this.#toMark()),
    144: () => this.#append(this.#toMark()),
    // SETITEM
    115: () => {
      const value = this.#pop();
      const key = this.#pop();
      this.#setItems(this.#top(), [key, value]);
    },
    // SETITEMS
    117: () => {
      const items = this.#toMark();
      this.#setItems(this.#top(), items);
    },
    // PUT, BINPUT, LONG_BINPUT, MEMOIZE
    112: () => this.#remember(this.#cursor.decimalIndex()),
    113: () => this.#remember(this.#cursor.byte()),
    114: () => this.#remember(this.#cursor.uint32()),
    148: () => this.#remember(this.#memo.size),
    // GET, BINGET, LONG_BINGET
    103: () => this.#recall(this.#cursor.decimalIndex()),
    104: () => this.#recall(this.#cursor.byte()),
    106: () => this.#recall(this.#cursor.uint32()),
    // GLOBAL
    99: () => {
      const module = this.#cursor.line();
      this.#stack.push(this.#named(module, this.#cursor.line()));
    },
    // STACK_GLOBAL
    147: () => {
      const name = this.#pop();
      const module = this.#pop();
      if (typeof name !== 'string' || typeof module !== 'string') this.#fail('names code by what are no texts');
      this.#stack.push(this.#named(module, name));
    },
    // INST
    105: () => {
      const module = this.#cursor.line();
      const global = this.#named(module, this.#cursor.line());
      this.#pushMarked((items) => this.#call(global, items));
    },
    // OBJ
    111: () => this.#pushMarked(([callee, ...args]) => this.#call(callee, args)),
    // REDUCE, NEWOBJ
    82: () => this.#reduce(this.#pop()),
    129: () => this.#reduce(this.#pop()),
    // NEWOBJ_EX
    146: () => {
      const named = this.#pop();
      if (!isPickledDict(named) || Object.keys(named).length > 0) this.#fail('calls with named arguments');
      this.#reduce(this.#pop());
    },
    // BUILD
    98: () => {
      const state = this.#pop();
      const maker = this.#makers.get(this.#top());
      if (!maker?.build) this.#fail('sets the state of what has none here');
      maker.build(this.#top(), state, (problem) => this.#fail(problem));
    },
    // PERSID, BINPERSID
    80: () => this.#persistent(this.#cursor.line()),
    81: () => this.#persistent(this.#pop()),
    // EXT1, EXT2, EXT4
    130: () => this.#fail('holds code (EXT1, a number of the extension registry)'),
    131: () => this.#fail('holds code (EXT2, a number of the extension registry)'),
    132: () => this.#fail('holds code (EXT4, a number of the extension registry)'),
    // NEXT_BUFFER, READONLY_BUFFER
    151: () => this.#fail('needs buffers that are kept outside the file'),
    152: () => this.#fail('needs buffers that are kept outside the file'),
  };

  #fail(problem: string): never {
    return this.#cursor.fail(problem);
  }

  #named(module: string, name: string): Item<T> {
    const global = new PickleGlobal(module, name);
    const known = this.#known(global);
    if (known?.value !== undefined) return known.value;
    if (!known) {
      const text = `${global}`.slice(0, 100);
      this.#fail(`holds code (${text}), which is no name that may appear in such a file; nothing was run`);
    }
    return global;
  }

  #known(global: PickleGlobal): KnownGlobal<T> | undefined {
    return this.#options.globals?.get(`${global}`) ?? plainGlobals.get(`${global}`);
  }

  #reduce(args: Item<T>): void {
    if (!Array.isArray(args)) this.#fail('calls with what is no tuple');
    const callee = this.#pop();
    this.#stack.push(this.#call(callee, args));
  }

  #call(callee: Item<T> | undefined, args: readonly Item<T>[]): Item<T> {
    const known = callee instanceof PickleGlobal ? this.#known(callee) : undefined;
    if (!known?.call) this.#fail(`calls ${callee instanceof PickleGlobal ? callee : 'what is no name'}`);
    const value = known.call(args, (problem) => this.#fail(problem));
    this.#makers.set(value, known);
    return value;
  }

  #persistent(id: Item<T>): void {
    const load = this.#options.persistentLoad;
    if (!load) this.#fail('needs objects that are kept outside the file (a persistent id)');
    this.#stack.push(load(id, (problem) => this.#fail(problem)));
  }

  #top(): Item<T> {
    const value = this.#stack.at(-1);
    if (value === undefined) this.#fail('the stack is empty');
    return value;
  }

  #pop(): Item<T> {
    const value = this.#stack.pop();
    if (value === undefined) this.#fail('the stack is empty');
    return value;
  }

  #toMark(): Item<T>[] {
    const items = this.#stack;
    const outer = this.#marked.pop();
    if (!outer) this.#fail('there is no mark');
    this.#stack = outer;
    return items;
  }

  #pushMarked(make: (items: Item<T>[]) => Item<T>): void {
    const items = this.#toMark();
    this.#stack.push(make(items));
  }

  #pushTuple(length: number): void {
    if (this.#stack.length < length) this.#fail('the stack is too short');
    this.#stack.push(this.#stack.splice(this.#stack.length - length));
  }

  #append(items: readonly Item<T>[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) this.#fail('appends to what is no list');
    for (const item of items) list.push(item);
  }

  #setItems(target: Item<T>, items: readonly Item<T>[]): Item<T> {
    if (!isPickledDict(target)) this.#fail('sets items of what is no dict');
    if (items.length % 2) this.#fail('a dict has a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== 'string' && typeof key !== 'number') this.#fail('a key of a dict is neither text nor number');
      setPickledItem(target, key, items[i + 1] as Item<T>);
    }
    return target;
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#fail(`memo ${index} was never set`);
    this.#stack.push(value);
  }
}

/** What stands on the stack: values, and names of Python's that are called or passed on. */
type Item<T> = PickleValue<T | PickleGlobal>;

/** Opcodes that push a value of their own. */
const literals: Readonly<Record<number, (cursor: PickleCursor) => PickleValue>> = {
  78: () => null, // NONE
  136: () => true, // NEWTRUE
  137: () => false, // NEWFALSE
  73: (cursor) => cursor.decimal(), // INT
  76: (cursor) => cursor.decimal('L'), // LONG
  70: (cursor) => cursor.decimalFloat(), // FLOAT
  74: (cursor) => cursor.int32(), // BININT
  75: (cursor) => cursor.byte(), // BININT1
  77: (cursor) => cursor.uint16(), // BININT2
  138: (cursor) => cursor.long(cursor.byte()), // LONG1
  139: (cursor) => cursor.long(cursor.uint32()), // LONG4
  71: (cursor) => cursor.float64(), // BINFLOAT
  83: (cursor) => cursor.quotedString(), // STRING
  84: (cursor) => cursor.oldString(cursor.uint32()), // BINSTRING
  85: (cursor) => cursor.oldString(cursor.byte()), // SHORT_BINSTRING
  66: (cursor) => cursor.span(cursor.uint32()), // BINBYTES
  67: (cursor) => cursor.span(cursor.byte()), // SHORT_BINBYTES
  142: (cursor) => cursor.span(cursor.uint64()), // BINBYTES8
  150: (cursor) => cursor.span(cursor.uint64()), // BYTEARRAY8
  86: (cursor) => cursor.rawUnicode(), // UNICODE
  140: (cursor) => cursor.utf8(cursor.byte()), // SHORT_BINUNICODE
  88: (cursor) => cursor.utf8(cursor.uint32()), // BINUNICODE
  141: (cursor) => cursor.utf8(cursor.uint64()), // BINUNICODE8
  93: () => [], // EMPTY_LIST
  41: () => [], // EMPTY_TUPLE
  143: () => [], // EMPTY_SET
  125: () => ({}), // EMPTY_DICT
};
