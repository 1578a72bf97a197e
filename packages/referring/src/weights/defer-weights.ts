import { openStateDict } from '@refclip/formats';
import type { ParameterSpec } from '@refclip/nn';
import type { NamedConstants } from '@refclip/runtime';
import { assertUntouched, fileDigest } from './file-digest.js';
import { type LoadWeightsOptions, matchWeights } from './match-weights.js';

/** How weights are deferred. */
export interface DeferWeightsOptions extends LoadWeightsOptions {
  /** A folder that remembers digests of files, so that an unchanged file is not read to be named. Absent: it is read. */
  readonly digests?: string | undefined;
}

/** Weights that are read when a program is built with them. */
export interface DeferredWeights {
  /** In the memory layout. */
  readonly values: NamedConstants;
  readonly metadata: Readonly<Record<string, string>>;
  /** After this no tensor can be read any more. */
  close(): Promise<void>;
}

/**
 * Opens a weights file as {@link loadWeights} does, with the same checks, and leaves its tensors where they are until a program needs them. An engine with a
 * cache directory that kept the programs from an earlier run never reads them: a model is then ready without its weights passing through memory.
 *
 * @throws {WeightsError} that lists every missing, unexpected and mismatched name with shapes; {FileError}, {DataFormatError} for the file itself.
 */
export async function deferWeights(
  file: string,
  specs: readonly ParameterSpec[],
  { digests, ...options }: DeferWeightsOptions = {},
): Promise<DeferredWeights> {
  const { digest, state } = await fileDigest(file, digests);
  const weights = await openStateDict(file);
  try {
    // Otherwise the tensors of a file that took its place meanwhile would go by the old one's digest.
    await assertUntouched(file, state);
    const values = Object.fromEntries(
      matchWeights(weights, specs, options).map(({ spec: { name, shape, dtype }, source, read }) => [
        name,
        { shape, dtype, digest: `${digest} ${source}`, read },
      ]),
    );
    return { values, metadata: weights.metadata, close: () => weights.close() };
  } catch (error) {
    await weights.close();
    throw error;
  }
}
