import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SceneOptions, sceneManifest, synthesizeScenes } from './synthesize-scenes.js';

/**
 * Makes sure that a folder holds the scenes of these options: draws them when it is not there or holds others.
 *
 * @returns whether they were drawn now.
 */
export async function sampleDataset(directory: string, options: SceneOptions): Promise<boolean> {
  const known = await readFile(join(directory, 'manifest.json'), 'utf8').catch(() => '');
  if (known === JSON.stringify(sceneManifest(options), null, 1)) return false;
  await synthesizeScenes(directory, options);
  return true;
}
