import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** Milliseconds of a run: on the clock, and of all threads of the process together. The second says more on a busy machine. */
export interface Timing {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What runs, and how. */
export interface PythonPeerOptions {
  /** A command, e.g. from `findPython`. */
  readonly python: string;
  /** Path of the script. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The other side of a benchmark: a Python script that stays and takes turns. For each line of its input, the name of what to run, it answers with a line of
 * JSON: `{"ms": …, "cpuMs": …, "about": "PyTorch 1.13, 2 threads"}`.
 */
export class PythonPeer {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  /** What the peer says of itself, known after the first run. */
  about = '';

  constructor({ python, script, args = [], env = {} }: PythonPeerOptions) {
    // Both variables tune OpenBLAS for other processors than the machine's; the peer is measured as it is by default.
    const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...inherited } = process.env;
    this.#process = spawn(python, [script, ...args], {
      env: { ...inherited, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    this.#answers = this.#lines[Symbol.asyncIterator]();
    // A process that is gone shows as the end of its answers.
    this.#process.on('error', () => this.#lines.close());
    this.#process.stdin?.on('error', () => this.#lines.close());
  }

  /**
   * Wall and processor time of one run, as the process itself measured.
   *
   * @throws {Error} when the process is gone.
   */
  async run(what: string): Promise<Timing> {
    this.#process.stdin?.write(`${what}\n`);
    const answer = await this.#answers.next();
    if (answer.done) throw new Error(`the Python process of ${this.#process.spawnargs.join(' ')} ended`);
    const { ms, cpuMs, about } = JSON.parse(answer.value) as Timing & { readonly about: string };
    this.about = about;
    return { ms, cpuMs };
  }

  stop(): void {
    this.#process.kill();
  }
}
