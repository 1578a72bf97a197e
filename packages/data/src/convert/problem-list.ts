import { DataFormatError } from '@refclip/structures';

const shown = 20;

/** Collects what is wrong with a file, so that a person learns of everything at once. */
export class ProblemList {
  readonly #file: string;
  readonly #problems: { record: string | number | undefined; field: string | undefined; problem: string }[] = [];
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param record  where: a line number, an index or an id, as the form names its records. */
  add(record: string | number | undefined, field: string | undefined, problem: string): void {
    this.#count++;
    if (this.#problems.length < shown) this.#problems.push({ record, field, problem });
  }

  /** @throws {DataFormatError} that names the first record and lists up to twenty problems, when there are any. */
  throwIfAny(): void {
    const first = this.#problems[0];
    if (!first) return;
    const at = { file: this.#file, record: first.record, field: first.field };
    if (this.#count === 1) throw new DataFormatError(at, first.problem);
    const lines = this.#problems.map(
      ({ record, field, problem }) =>
        `  ${record === undefined ? '' : `record ${record}`}${field ? `, field ${field}` : ''}: ${problem}`,
    );
    if (this.#count > shown) lines.push(`  … and ${this.#count - shown} more`);
    throw new DataFormatError(at, `${first.problem}. ${this.#count} problems in all:\n${lines.join('\n')}`);
  }
}
