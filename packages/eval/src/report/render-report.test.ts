import { UsageError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { Evaluator } from '../evaluation/evaluator.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { createReport } from './create-report.js';
import type { GalleryData } from './render-gallery.js';
import { renderReport } from './render-report.js';

const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'&`;

/** Eight expressions of four images; those in `offsets` are predicted that far to the right of a 10-pixel truth. */
function evaluate(offsets: readonly (number | undefined)[], more: Partial<PredictionRow> = {}, keepCases = true) {
  const evaluator = new Evaluator({ keepCases });
  offsets.forEach((x, i) => {
    evaluator.add({
      at: `line ${i + 1}`,
      id: String(i),
      imageId: String(i >> 1),
      split: 'val',
      expression: i % 2 ? 'left dog' : 'dog',
      boxes: x === undefined ? [] : [[x, 0, x + 10, 10]],
      truths: [[0, 0, 10, 10]],
      confidence: x === undefined ? undefined : 1 / (1 + x),
      ...more,
    });
  });
  return evaluator.finish();
}
const first = evaluate([0, 1, 4, 20, undefined, 0, 0, 0]);
const second = evaluate([0, 20, 20, 0, 0, 0, 0, 0]);
const dataOf = (page: string) =>
  JSON.parse(/<script type="application\/json" id="gallery-data">(.*?)<\/script>/s.exec(page)![1]!) as GalleryData;

describe('createReport', () => {
  it('sorts answers into right, near miss, wrong and none', () => {
    const { gallery, entries } = createReport([{ name: 'a', evaluation: first }]);
    expect(gallery.map(({ answers }) => answers[0]!.verdict)).toEqual([
      'right',
      'right',
      'near',
      'wrong',
      'none',
      'right',
      'right',
      'right',
    ]);
    expect(entries[0]!.summary.accuracy['0.5']).toBe(62.5);
    expect(entries[0]!.curve.accuracy[20]).toBe(62.5);
    expect(entries[0]!.curve.accuracy[40]).toBe(0);
  });
  it('puts files of the same expressions side by side and leaves others apart', () => {
    const same = createReport([
      { name: 'a', evaluation: first },
      { name: 'b', evaluation: second },
    ]);
    expect(same.gallery.length).toBe(8);
    expect(same.comparisons).toMatchObject([{ first: 0, second: 1, comparison: { shared: 8, accuracyFirst: 62.5 } }]);
    const elsewhere = evaluate([0, 0, 0, 0, 0, 0, 0, 0], { imageId: '99' });
    const apart = createReport([
      { name: 'a', evaluation: first },
      { name: 'b', evaluation: elsewhere },
    ]);
    expect(apart.comparisons).toEqual([]);
    expect(apart.gallery.length).toBe(16);
    expect(apart.gallery[0]!.answers[1]).toBeNull();
  });
  it('shows cases whose images are at hand, where some are', () => {
    const of = (ids: readonly string[]) => createReport([{ name: 'a', evaluation: first }], { imageIds: new Set(ids) });
    expect(of(['0', '3'])).toMatchObject({ galleryFrom: 4, galleryWithout: 4 });
    expect(of(['7'])).toMatchObject({ galleryFrom: 8, galleryWithout: 0 });
  });
  it('asks for evaluations and their cases', () => {
    const without = evaluate([0, 1], {}, false);
    expect(() => createReport([])).toThrowError(UsageError);
    expect(() => createReport([{ name: 'a', evaluation: without }])).toThrowError(/keepCases/);
    expect(createReport([{ name: 'a', evaluation: without }], { gallerySize: 0 }).gallery).toEqual([]);
  });
});

describe('renderReport', () => {
  const page = renderReport(
    createReport(
      [
        { name: 'model one', evaluation: first },
        { name: 'model two', evaluation: second },
      ],
      {
        title: 'Two models',
        sections: [
          {
            title: 'Training',
            chart: {
              title: 'loss',
              xLabel: 'step',
              yLabel: 'loss',
              series: [
                {
                  name: 'loss',
                  points: [
                    [1, 2],
                    [2, 1],
                  ],
                },
              ],
            },
            table: { columns: ['split', 'random anchor'], rows: [['val', 9.5]] },
          },
        ],
      },
    ),
    new Map([['0', { source: 'data:image/webp;base64,AAAA', width: 640, height: 480 }]]),
  );

  it('has every part, each once, and links to it', () => {
    const ids = [
      'headline',
      'section-0',
      'comparison',
      'thresholds',
      'breakdowns',
      'calibration',
      'accounts',
      'gallery',
    ];
    for (const id of ids) {
      expect(page.split(`<section id="${id}"`).length, id).toBe(2);
      expect(page.includes(`href="#${id}"`), id).toBe(true);
    }
    expect(page.includes('<td class="strong">62.5</td>')).toBe(true);
    expect(page.includes('<strong>model two</strong> answers 12.50 percent points more')).toBe(true);
    expect(page.includes('random anchor')).toBe(true);
  });
  it('fetches nothing: no address but those of SVG, and a policy that forbids it', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:");
    const addresses = [...page.matchAll(/(?:https?:)?\/\/[\w.]+/g)].map((match) => match[0]);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org']));
    expect(page.search(/<(link|iframe|img)\b/)).toBe(-1);
  });
  it('gives the script the cases and the pictures', () => {
    const data = dataOf(page);
    expect(data.entries).toEqual(['model one', 'model two']);
    expect(data.cases.length).toBe(8);
    expect(data.images['0']).toMatchObject({ width: 640 });
    expect(data.cases[1]).toMatchObject({ expression: 'left dog', truths: [[0, 0, 10, 10]] });
  });
  it('shows text of strangers as text, wherever it comes from', () => {
    const evaluation = evaluate([0, undefined], {
      expression: hostile,
      imageId: hostile,
      category: hostile,
      split: hostile,
    });
    const text = renderReport(
      createReport([{ name: hostile, evaluation }], {
        title: hostile,
        note: hostile,
        sections: [{ title: hostile, text: hostile, table: { columns: [hostile], rows: [[hostile]] } }],
      }),
    );
    expect(text.match(/<script/g)!.length).toBe(2);
    expect(text.includes('<img')).toBe(false);
    expect(dataOf(text).cases[0]!.expression).toBe(hostile);
  });
  it('leaves no figure undefined', () => {
    expect(page.replace(/<script.*?<\/script>/gs, '').match(/.{20}(?:NaN|undefined|Infinity).{20}/g)).toBeNull();
  });
  it('says which reason made answers wrong', () => {
    expect(page.includes('the model says that nothing fits')).toBe(true);
  });
});
