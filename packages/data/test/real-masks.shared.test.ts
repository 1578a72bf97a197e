import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeRunLengths,
  encodeRunLengths,
  pixelsOfRunLengths,
  type RunLengths,
  runLengthsArea,
  runLengthsIou,
  runLengthsOfPixels,
} from '@refclip/formats';
import { describe, expect, it } from 'vitest';
import { ProblemList } from '../src/convert/problem-list.js';
import { drawMask } from '../src/refer/draw-mask.js';
import expected from './coco-masks.json' with { type: 'json' };

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('set REFCLIP_SHARED to the folder of the shared files');

interface Instances {
  readonly images: readonly { readonly id: number; readonly width: number; readonly height: number }[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly segmentation: unknown;
  }[];
}

describe.each(Object.entries(expected.files))('%s', (name, { masks, sha256, area, pairs, iou, iouOfCrowds }) => {
  it("has the masks, areas and overlaps of COCO's library", async () => {
    const { images, annotations }: Instances = JSON.parse(
      await readFile(join(shared, 'real/annotations', name), 'utf8'),
    );
    const sizes = new Map(images.map(({ id, width, height }) => [id, { width, height }]));
    const problems = new ProblemList(name);
    const lines: string[] = [];
    const ofImage = new Map<number, RunLengths[]>();
    let pixels = 0;
    for (const { id, image_id, segmentation } of annotations) {
      const size = sizes.get(image_id)!;
      const runs = drawMask({ segmentation, size }, String(id), problems) ?? [];
      const text = encodeRunLengths(runs);
      expect(decodeRunLengths(text)).toEqual(runs);
      if (lines.length % 50 === 0) {
        const drawn = pixelsOfRunLengths(runs, size.width, size.height);
        expect(runLengthsOfPixels(drawn, size.width, size.height)).toEqual(runs);
      }
      lines.push(`${id} ${text}`);
      pixels += runLengthsArea(runs);
      ofImage.set(image_id, [...(ofImage.get(image_id) ?? []), runs]);
    }
    problems.throwIfAny();
    expect(lines).toHaveLength(masks);
    expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(sha256);
    expect(pixels).toBe(area);
    const neighbours = [...ofImage.values()].flatMap((list) =>
      list.slice(1).map((second, index) => [list[index] as RunLengths, second] as const),
    );
    expect(neighbours).toHaveLength(pairs);
    const sum = (options: { crowd: boolean }) =>
      neighbours.reduce((total, [a, b]) => total + runLengthsIou(a, b, options), 0);
    expect(sum({ crowd: false })).toBeCloseTo(iou, 10);
    expect(sum({ crowd: true })).toBeCloseTo(iouOfCrowds, 10);
  });
});
