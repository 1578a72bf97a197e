import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What the peer can run; see `pytorch-peer.py`. */
export type PeerRun = 'forward' | 'official' | 'step';

/** Milliseconds of a run: on the clock, and of all threads of the process together. The second says more on a busy machine. */
export interface Timing {
  readonly ms: number;
  readonly cpuMs: number;
}

/** How the peer runs. */
export interface PeerOptions {
  /** Default one per core. */
  readonly threads?: number | undefined;
  /** Default the processor. */
  readonly device?: 'cpu' | 'cuda' | undefined;
}

interface Answer {
  readonly device: string;
  readonly threads: number;
  readonly torch: string;
}

/** The same layers in PyTorch, in a process of the system's Python. */
export class PytorchPeer {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  /** Version and threads of PyTorch, known after the first run. */
  description = '';

  private constructor(python: string, { threads, device = 'cpu' }: PeerOptions) {
    // Both variables tune OpenBLAS for other processors than the machine's; PyTorch is measured as it is by default.
    const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
    const script = fileURLToPath(new URL('pytorch-peer.py', import.meta.url));
    this.#process = spawn(python, [script], {
      env: { ...env, PEER_THREADS: `${threads ?? ''}`, PEER_DEVICE: device },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    this.#answers = this.#lines[Symbol.asyncIterator]();
    // A process that is gone shows as the end of its answers.
    this.#process.on('error', () => this.#lines.close());
    this.#process.stdin?.on('error', () => this.#lines.close());
  }

  /** @returns nothing when there is no such Python, or it has no PyTorch. */
  static async start(python: string, options: PeerOptions = {}): Promise<PytorchPeer | undefined> {
    const peer = new PytorchPeer(python, options);
    try {
      await peer.run('forward');
      return peer;
    } catch {
      peer.stop();
      return undefined;
    }
  }

  /** Wall and processor time, as the process itself measured. */
  async run(what: PeerRun): Promise<Timing> {
    this.#process.stdin?.write(`${what}\n`);
    const answer = await this.#answers.next();
    if (answer.done) throw new Error('the PyTorch process ended');
    const { ms, cpuMs, device, threads, torch } = JSON.parse(answer.value) as Timing & Answer;
    this.description = device === 'cuda' ? `PyTorch ${torch} on CUDA` : `PyTorch ${torch}, ${threads} threads`;
    return { ms, cpuMs };
  }

  stop(): void {
    this.#process.kill();
  }
}
