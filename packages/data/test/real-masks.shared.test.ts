import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRunLengths, encodeRunLengths } from '@refclip/formats';
import { describe, expect, it } from 'vitest';
import { ProblemList } from '../src/convert/problem-list.js';
import { drawMask } from '../src/refer/draw-mask.js';

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('set REFCLIP_SHARED to the folder of the shared files');

interface Instances {
  readonly images: readonly { readonly id: number; readonly width: number; readonly height: number }[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly area: number;
    readonly iscrowd: number;
    readonly segmentation: unknown;
  }[];
}

describe.each([
  ['coco128_instances_train2017.json', 929, 10],
  ['cocomini_instances_train2017.json', 731, 8],
])('%s', (name, polygons, crowds) => {
  it('has masks of the areas that COCO publishes', async () => {
    const { images, annotations }: Instances = JSON.parse(
      await readFile(join(shared, 'real/annotations', name), 'utf8'),
    );
    const sizes = new Map(images.map(({ id, width, height }) => [id, { width, height }]));
    const problems = new ProblemList(name);
    const counts = { polygons: 0, crowds: 0 };
    let [published, drawn] = [0, 0];
    for (const { id, image_id, area, iscrowd, segmentation } of annotations) {
      const size = sizes.get(image_id)!;
      const runs = drawMask({ segmentation, size }, String(id), problems) ?? [];
      expect(runs.reduce((sum, run) => sum + run, 0)).toBe(size.width * size.height);
      expect(decodeRunLengths(encodeRunLengths(runs))).toEqual(runs);
      const pixels = runs.reduce((sum, run, index) => (index % 2 ? sum + run : sum), 0);
      // COCO's area of polygons is their own, from which pixels differ along the outline; that of crowds is not the area of their run lengths.
      if (!iscrowd) {
        published += area;
        drawn += pixels;
        expect(Math.abs(pixels - area)).toBeLessThan(0.03 * area + 2 * Math.sqrt(area) + 8);
      }
      counts[iscrowd ? 'crowds' : 'polygons']++;
    }
    problems.throwIfAny();
    expect(counts).toEqual({ polygons, crowds });
    console.log(`${name}: polygons ${published.toFixed(0)} px² published, ${drawn} pixels drawn`);
    expect(Math.abs(drawn / published - 1)).toBeLessThan(0.005);
  });
});
