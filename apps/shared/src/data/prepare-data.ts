import { createProgress, interruptionSignal, type Progress } from '@refclip/furniture';
import { sampleDataset } from '@refclip/scenes';
import type { TrainerConfig } from '../config/config-schema.js';

/** Draws the scenes of a configuration that asks for them, unless they are there. */
export async function prepareData({ data }: TrainerConfig): Promise<void> {
  if (!data.synthesize) return;
  const { directory, ...options } = data.synthesize;
  let progress: Progress | undefined;
  const onProgress = (done: number, total: number) => {
    progress ??= createProgress('drawing scenes', total, 'images');
    progress.update(done);
  };
  if (await sampleDataset(directory, { ...options, onProgress, signal: interruptionSignal() })) progress?.finish();
}
