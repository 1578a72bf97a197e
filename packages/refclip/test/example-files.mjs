// What the README's example finds in its folder: a tiny model that was never trained, and a picture.
import { join } from 'node:path';
import { createRefClip } from '@refclip/core';
import { initializeParameters } from '@refclip/nn';
import { saveCheckpoint } from '@refclip/referring';
import { Vocabulary } from '@refclip/text';
import sharp from 'sharp';

/** @param {string} folder */
export async function writeExampleFiles(folder) {
  const vocabulary = Vocabulary.fromExpressions(['the red star', 'left circle']);
  const options = { width: 1 / 32, inputSize: 64, classes: 2, anchorsPerImage: 3, wordDimension: 3, textHidden: 8 };
  const model = createRefClip({ words: vocabulary.size, ...options });
  const values = initializeParameters(model.parameters, 3);
  await saveCheckpoint(join(folder, 'best.safetensors'), { model, values, vocabulary, notes: {} });
  const noise = Uint8Array.from({ length: 60 * 40 * 3 }, (_, at) => (at * 37) % 251);
  await sharp(noise, { raw: { width: 60, height: 40, channels: 3 } }).toFile(join(folder, 'photo.jpg'));
}
