import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Graph } from '../ir/graph.js';
import type { CustomLowering } from '../kernels/kernel-definition.js';
import type { ConstantTensor } from '../types.js';

/** What decides, beside the graph, whether a model that was kept fits. */
export interface ProgramKeyOptions {
  readonly provider: string;
  /** Version of ONNX Runtime. */
  readonly runtimeVersion: string;
  readonly lowerings: readonly CustomLowering[];
  /** Whether the model has a stop, see `withStopOutput`. Default no. */
  readonly stops?: boolean;
}

/**
 * Names the optimized model of a recorded program. It is made of the graph as recorded, the contents of its constants (of deferred ones the digest), the code
 * of this package, whether it has a stop, the functions of the lowerings given (what these call elsewhere is not seen: give a lowering that is changed there an empty cache), ONNX
 * Runtime, provider and processor. So a program that was kept is found without optimizing the graph and without reading its weights.
 *
 * @returns 40 hexadecimal digits.
 */
export function programKey(
  graph: Graph<ConstantTensor>,
  { provider, runtimeVersion, lowerings, stops = false }: ProgramKeyOptions,
): string {
  const hash = createHash('sha256');
  const { platform, arch } = process;
  const update = (value: unknown) => hash.update(`${JSON.stringify(value, withAllNumbers)}\n`);
  // Optimized models hold layouts chosen for the processor.
  update([ownCode(), provider, runtimeVersion, platform, arch, cpus()[0]?.model, stops]);
  for (const { kernelName, infer, lower } of lowerings) update([kernelName, String(infer), String(lower)]);
  update(graph.inputs);
  for (const { kernel, inputs, inputNames, attributes, outputs } of graph.nodes) {
    update([kernel, inputs.map(({ id }) => id), inputNames, attributes, outputs]);
  }
  update(graph.outputs.map(({ name, value }) => [name, value.id]));
  for (const { value, tensor, name } of graph.constants) {
    update([value, name]);
    if ('digest' in tensor) update(tensor.digest);
    else updateWithBytes(hash, tensor.data);
  }
  return hash.digest('hex').slice(0, 40);
}

/** JSON knows no NaN, infinities and −0. */
const withAllNumbers = (_: string, value: unknown) =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `number ${Object.is(value, -0) ? '-0' : value}`
    : value;

function updateWithBytes(hash: Hash, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  hash.update(new Uint8Array(buffer, byteOffset, byteLength));
}

let ownDigest: string | undefined;

/** A digest of this package's code: another pass or lowering may give another model. */
function ownCode(): string {
  if (ownDigest) return ownDigest;
  const here = fileURLToPath(import.meta.url);
  // In the source tree all below `src`. Built, this code and its chunks lie in one folder; an application that bundles it may have anything further below.
  const isSource = here.endsWith(join('src', 'session', 'program-key.ts'));
  const root = join(dirname(here), isSource ? '..' : '.');
  const hash = createHash('sha256');
  const files = readdirSync(root, { recursive: isSource, encoding: 'utf8' }).filter((file) =>
    /\.[cm]?[jt]s$/.test(file),
  );
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(root, file)));
  ownDigest = hash.digest('hex');
  return ownDigest;
}
