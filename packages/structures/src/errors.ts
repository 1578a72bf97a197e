/** Codes by which a program tells the errors of this project apart. */
export type RefclipErrorCode =
  | 'shape'
  | 'unsupported-op'
  | 'weights'
  | 'data-format'
  | 'config'
  | 'numeric'
  | 'backend'
  | 'file'
  | 'usage';

const marker = Symbol.for('@refclip/error');

/**
 * The error all packages throw for anything a caller can mend.
 *
 * Messages read: where: what is wrong; expected X, got Y. What to do.
 */
export class RefclipError extends Error {
  readonly code: RefclipErrorCode;

  constructor(code: RefclipErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a value is an error of ours, also when two copies of this package are loaded (which breaks `instanceof`). */
  static isInstance(value: unknown): value is RefclipError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/** A tensor of the wrong shape. Dimensions that may be anything are `null`. */
export class ShapeError extends RefclipError {
  readonly op: string;
  readonly argument: string;
  readonly expected: readonly (number | null)[];
  readonly actual: readonly number[];

  constructor(
    fields: { op: string; argument: string; expected: readonly (number | null)[]; actual: readonly number[] },
    hint = '',
  ) {
    const show = (shape: readonly (number | null)[]) => `[${shape.map((d) => d ?? '?').join(', ')}]`;
    super(
      'shape',
      `${fields.op}: ${fields.argument} has shape ${show(fields.actual)}; expected ${show(fields.expected)}.` +
        (hint ? ` ${hint}` : ''),
    );
    this.op = fields.op;
    this.argument = fields.argument;
    this.expected = fields.expected;
    this.actual = fields.actual;
  }
}

/** One kind of operation that an engine cannot run, and where a program calls it. */
export interface UnsupportedOp {
  readonly name: string;
  readonly count: number;
  /** Source location or description of one call. */
  readonly example: string;
  readonly reason?: string;
}

/** A program uses operations that the engine cannot run; all of them are listed. */
export class UnsupportedOpError extends RefclipError {
  readonly ops: readonly UnsupportedOp[];

  /** @param options.cause  what ended the search early: there may be more such operations behind it. */
  constructor(where: string, ops: readonly UnsupportedOp[], options?: { readonly cause: Error }) {
    const lines = ops.map(
      (op) => `  ${op.name} (${op.count}×), first at ${op.example}${op.reason ? `: ${op.reason}` : ''}`,
    );
    const end = options ? [`Nothing after that was looked at, since it ended with: ${options.cause.message}`] : [];
    super(
      'unsupported-op',
      `${where}: ${ops.length} unsupported operation(s):\n${[...lines, ...end].join('\n')}`,
      options,
    );
    this.ops = ops;
  }
}

/** A weight whose file and model disagree on its shape. */
export interface MismatchedWeight {
  readonly name: string;
  readonly expected: readonly number[];
  readonly actual: readonly number[];
}

/** Weights that do not fit a model; every missing, unexpected and mismatched name is listed. */
export class WeightsError extends RefclipError {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly mismatched: readonly MismatchedWeight[];

  constructor(
    where: string,
    problems: {
      missing?: readonly string[];
      unexpected?: readonly string[];
      mismatched?: readonly MismatchedWeight[];
      /** Shapes of missing and unexpected tensors, for the message. */
      shapes?: ReadonlyMap<string, readonly number[]>;
    },
    hint = '',
  ) {
    const { missing = [], unexpected = [], mismatched = [], shapes } = problems;
    const shaped = (name: string) => (shapes?.has(name) ? `${name} [${shapes.get(name)?.join(', ')}]` : name);
    const lines = [
      ...missing.map((name) => `  missing ${shaped(name)}`),
      ...unexpected.map((name) => `  unexpected ${shaped(name)}`),
      ...mismatched.map((m) => `  ${m.name}: expected [${m.expected.join(', ')}], got [${m.actual.join(', ')}]`),
    ];
    super(
      'weights',
      `${where}: weights do not fit the model (${missing.length} missing, ${unexpected.length} unexpected, ` +
        `${mismatched.length} of another shape).${hint ? ` ${hint}` : ''}\n${lines.join('\n')}`,
    );
    this.missing = missing;
    this.unexpected = unexpected;
    this.mismatched = mismatched;
  }
}

/** A file whose content is not what it should be. `record` and `field` say where, as exactly as is known. */
export class DataFormatError extends RefclipError {
  readonly file: string;
  readonly record: string | number | undefined;
  readonly field: string | undefined;

  constructor(
    at: { file: string; record?: string | number | undefined; field?: string | undefined },
    problem: string,
    options?: ErrorOptions,
  ) {
    const place = [at.file, at.record === undefined ? '' : `record ${at.record}`, at.field ? `field ${at.field}` : ''];
    super('data-format', `${place.filter(Boolean).join(', ')}: ${problem}`, options);
    this.file = at.file;
    this.record = at.record;
    this.field = at.field;
  }
}

/** One wrong entry of a configuration. */
export interface ConfigProblem {
  /** Dotted path, e.g. `optimizer.learningRate`. */
  readonly path: string;
  readonly problem: string;
}

/** A configuration with wrong entries; all of them are listed. */
export class ConfigError extends RefclipError {
  readonly problems: readonly ConfigProblem[];

  constructor(where: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map((p) => `  ${p.path || '(top)'}: ${p.problem}`);
    super('config', `${where}: ${problems.length} problem(s):\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** A number that must be finite is not. */
export class NumericError extends RefclipError {
  readonly where: string;
  readonly step: number;
  readonly quantity: string;
  readonly value: number;

  constructor(fields: { where: string; step: number; quantity: string; value: number }, hint = '') {
    super(
      'numeric',
      `${fields.where}: ${fields.quantity} is ${fields.value} at step ${fields.step}; expected a finite number.` +
        (hint ? ` ${hint}` : ''),
    );
    this.where = fields.where;
    this.step = fields.step;
    this.quantity = fields.quantity;
    this.value = fields.value;
  }
}

/** An engine or device that cannot be used here; the message says what to install or choose. */
export class BackendError extends RefclipError {
  constructor(message: string, options?: ErrorOptions) {
    super('backend', message, options);
  }
}

/** A file or folder that is missing, unreadable or unwritable. */
export class FileError extends RefclipError {
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super('file', `${file}: ${problem}`, options);
    this.file = file;
  }
}

/** A command called in a way it does not understand. */
export class UsageError extends RefclipError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}
