import { join } from 'node:path';
import { openBytes } from '@refclip/formats';
import { expect, test } from 'vitest';
import { openDarknetTrunk } from '../src/backbones/open-darknet-trunk.js';
import { createDetector } from '../src/yolov3/create-detector.js';

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('set REFCLIP_SHARED to the folder of the shared files');

test('the weights of YOLO-Fastest are refused for Darknet-53, by both counts', async () => {
  const source = await openBytes(join(shared, 'real/darknet/yolo-fastest-1.1.weights'));
  await expect(openDarknetTrunk(source, createDetector({}).parameters)).rejects.toThrow(
    'has 346062 numbers; the Darknet-53 trunk takes 40620640, darknet53.weights 41645640, yolov3.weights 62001757',
  );
  await source.close();
});
