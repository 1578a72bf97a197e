/** A tuple in a pickle that is written; arrays become lists. */
export class PickleTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** Something of a Python module, by name: `new PickleGlobal('collections', 'OrderedDict')`. */
export class PickleGlobal {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  toString(): string {
    return `${this.module}.${this.name}`;
  }
}

/** A call in a pickle that is written: what Python gets when it calls `callee` with the arguments. */
export class PickleCall {
  readonly callee: PickleGlobal;
  readonly args: readonly unknown[];

  constructor(callee: PickleGlobal, args: readonly unknown[]) {
    this.callee = callee;
    this.args = args;
  }
}

/** A persistent id in a pickle that is written: an object that is kept outside the pickle. */
export class PicklePersistentId {
  readonly id: unknown;

  constructor(id: unknown) {
    this.id = id;
  }
}
