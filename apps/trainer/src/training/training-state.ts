import { encodeSafetensors, readSafetensors, writePieces } from '@refclip/formats';
import { type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { DataFormatError } from '@refclip/structures';
import { z } from 'zod';

const progressSchema = z.preprocess(
  withValue,
  z.object({
    /** Steps done. */
    step: z.int().nonnegative(),
    /** Epochs finished, validation included. */
    epoch: z.int().nonnegative(),
    bestEpoch: z.int(),
    /** Of that epoch, by what it was chosen; `null`: nothing was measured. */
    bestValue: z.number().nullable(),
    /** Means over the steps of the epoch under way. */
    means: z.record(z.string(), z.number()),
    /** Lengths of the log files in bytes: what was written later is written again. */
    logs: z.record(z.string(), z.int().nonnegative()),
    /** See `TrainingSetup.fingerprint`. */
    fingerprint: z.string(),
  }),
);

/** States of before call the value `bestAccuracy`, -1 before the first epoch. */
function withValue(progress: unknown): unknown {
  if (typeof progress !== 'object' || progress === null || !('bestAccuracy' in progress)) return progress;
  const { bestAccuracy, ...rest } = progress;
  return { ...rest, bestValue: bestAccuracy === -1 ? null : bestAccuracy };
}

/** Where a run stands. */
export type TrainingProgress = z.infer<typeof progressSchema>;

/** All that a run needs to go on as if it had not stopped. */
export interface TrainingState {
  readonly progress: TrainingProgress;
  /** Raw weights, statistics, moments and averages of the step, memory layout. */
  readonly tensors: NamedHostTensors;
}

const stateFormat = 'refclip-training-1';

/** Writes a state, whole or not at all; it is on the disk when this returns. */
export async function saveTrainingState(file: string, { progress, tensors }: TrainingState): Promise<void> {
  const entries = Object.entries(tensors).map(([name, { data, shape, dtype }]) => {
    const type = dtype === 'float32' ? ('F32' as const) : ('I32' as const);
    return [name, { shape, dtype: type, data: data as Float32Array | Int32Array }] as const;
  });
  const metadata = { format: stateFormat, progress: JSON.stringify(progress) };
  await writePieces(file, [encodeSafetensors(Object.fromEntries(entries), metadata)]);
}

/** @throws {FileError} when it is not there; {DataFormatError} when it is no state. */
export async function loadTrainingState(file: string): Promise<TrainingState> {
  const { tensors, metadata } = await readSafetensors(file);
  const progress = metadata.format === stateFormat ? progressOf(metadata.progress ?? '') : undefined;
  if (!progress) throw new DataFormatError({ file }, 'no state of a training run. Resume another run, or start anew.');
  const host = Object.entries(tensors).map(([name, { data, shape }]): [string, HostTensor] => [
    name,
    hostTensor(data as Float32Array | Int32Array, shape),
  ]);
  return { progress, tensors: Object.fromEntries(host) };
}

function progressOf(text: string): TrainingProgress | undefined {
  try {
    return progressSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
