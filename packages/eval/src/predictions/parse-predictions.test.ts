import { DataFormatError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { findBoxesInText } from './find-boxes-in-text.js';
import { parsePredictions } from './parse-predictions.js';

const read = (value: unknown, options?: Parameters<typeof parsePredictions>[1]) =>
  parsePredictions(typeof value === 'string' ? value : JSON.stringify(value), { file: 'p.json', ...options });

describe('parsePredictions', () => {
  it('detects each format and reads its boxes as corners in pixels', () => {
    const boxFormat = 'xyxy';
    const name = 'COCO_train2014_000000000009.jpg';
    const cases = [
      ['refclip', [{ id: 1, box: [1, 2, 4, 6], boxFormat }]],
      ['refclip', { id: 1, box: [1, 2, 4, 6], boxFormat }],
      ['per-expression', { 0: { iou: 0.5, image_name: name, pred_bbox: [1, 2, 4, 6], gt_bbox: [1, 2, 3, 4] } }],
      ['refer', [{ sent_id: 4, box: [1, 2, 3, 4] }]],
      ['refer', [{ ref_id: 4, box: [1, 2, 3, 4] }]],
      ['coco', [{ image_id: 9, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }]],
      ['mmdetection', [{ img_id: 9, pred_instances: { bboxes: [[1, 2, 4, 6]], scores: [0.5] } }]],
      ['text', [{ id: 1, answer: 'there: <box>[[10, 20, 40, 60]]</box>', width: 100, height: 100 }]],
    ] as const;
    for (const [format, value] of cases) {
      const parsed = read(value);
      expect(parsed.format).toBe(format);
      expect(parsed.notes[0]).toContain('detected');
      expect(parsed.rows[0]!.boxes[0]).toBeAllClose([1, 2, 4, 6], { rtol: 1e-12 });
    }
  });
  it('ranks the boxes of an image by score', () => {
    const coco = [
      { image_id: 9, bbox: [0, 0, 1, 1], score: 0.1 },
      { image_id: 8, bbox: [5, 5, 1, 1], score: 0.5 },
      { image_id: 9, bbox: [2, 2, 1, 1], score: 0.9 },
    ];
    const { rows } = read(coco);
    expect(rows.map((row) => row.id)).toEqual(['9', '8']);
    expect(rows[0]).toMatchObject({
      score: 0.9,
      boxes: [
        [2, 2, 3, 3],
        [0, 0, 1, 1],
      ],
    });
  });
  it('tells the scale of text boxes, or asks', () => {
    const of = (answer: string) => [{ id: 1, answer, width: 200, height: 100 }];
    expect(read(of('[0.1, 0.2, 0.5, 1]')).rows[0]!.boxes[0]).toBeAllClose([20, 20, 100, 100]);
    expect(read(of('<|box_start|>(100,200),(500,999)<|box_end|>')).rows[0]!.boxes[0]).toBeAllClose([20, 20, 100, 99.9]);
    expect(read(of('(10, 20), (50, 1001)')).rows[0]!.boxes[0]).toEqual([10, 20, 50, 1001]);
    expect(() => read(of('[10, 20, 50, 60]'))).toThrowError(/text scale/);
    expect(read(of('[10, 20, 50, 60]'), { textScale: 'pixels' }).rows[0]!.boxes[0]).toEqual([10, 20, 50, 60]);
    const slip = [...Array(3).fill(of('<box>10, 20, 500, 900</box>')[0]), ...of('<box>10, 20, 500, 9999</box>')];
    expect(() => read(slip)).toThrowError(/1 of 4 boxes have numbers above 1000 .* text scale/);
    const two = [...of('[0.1, 0.2, 0.5, 1]'), ...of('I see none.')];
    expect(read(two).rows[1]!.boxes).toEqual([]);
    const tagged = of('<|box_start|>(100,200),(500,999)<|box_end|>');
    expect(() => read([...tagged, ...of('[10, 20, 50, 60]')])).toThrowError(/text scale/);
    expect(read([...tagged, ...of('I see none.')]).rows[0]!.boxes[0]).toBeAllClose([20, 20, 100, 99.9]);
    expect(() => read([{ id: 1, answer: '[0.1, 0.2, 0.5, 1]' }])).toThrowError(/width/);
  });
  it('refuses answers of which none holds a box, or that say boxes by location tokens', () => {
    const of = (...answers: string[]) => answers.map((answer, id) => ({ id, answer, width: 200, height: 100 }));
    expect(() => read(of('I see none.', 'on the left'))).toThrowError(/none of 2 answers .* "I see none."/);
    const tokens = ['<loc0065><loc0020><loc0450><loc0321> the cup', 'cup<loc_19><loc_63><loc_313><loc_439>'];
    tokens.push('<object><patch_index_0064><patch_index_0458></object>');
    for (const answer of tokens) {
      expect(() => read(of('[0.1, 0.2, 0.5, 1]', answer))).toThrowError(
        /^p.json, record 1.*1 of 2 answers hold location/,
      );
    }
  });
  it('ranks boxes by the scores beside them', () => {
    const boxes = [
      [0, 0, 1, 1],
      [2, 2, 3, 3],
    ];
    const row = { id: 1, boxes, scores: [0.1, 0.9], boxFormat: 'xyxy' };
    expect(read([row]).rows[0]).toMatchObject({ boxes: [boxes[1], boxes[0]], score: 0.9 });
    expect(() => read([{ ...row, scores: [1] }])).toThrowError(/2 scores, one per box/);
  });
  it('takes the box of COCO results, where a polygon repeats it', () => {
    const result = { image_id: 9, bbox: [1, 2, 3, 4], segmentation: [[1, 2, 1, 6, 4, 6, 4, 2]] };
    expect(read([result]).rows[0]).toMatchObject({ boxes: [[1, 2, 4, 6]], mask: undefined });
  });
  it.each([
    { id: 1, answer: '[0.1, 0.2, 0.5, 1]', width: 9, height: 9 },
    { image_id: 9, bbox: [1, 2, 3, 4], score: 0.5 },
    { sent_id: 4, bbox: [1, 2, 3, 4] },
    { img_id: 9, pred_instances: { bboxes: [[1, 2, 4, 6]], scores: [0.5] } },
  ])('reads a file of a single line: $id$image_id$sent_id$img_id', (row) => {
    expect(read(`${JSON.stringify(row)}\n`).rows).toHaveLength(1);
  });
  it.each([
    ['truncated', '[{"image_id": 1, "bbox": [1, 2', 'line 1', undefined],
    ['wrong type', [{ image_id: 1, bbox: [1, 2, 3, 'x'] }], '0', 'bbox'],
    [
      'mixed formats',
      [
        { image_id: 1, bbox: [1, 2, 3, 4] },
        { sent_id: 1, box: [1, 2, 3, 4] },
      ],
      '1',
      'image_id',
    ],
    ['a million columns', [{ image_id: 1, bbox: Array(1_000_000).fill(1) }], '0', 'bbox'],
    [
      'scores that do not fit',
      [{ pred_instances: { bboxes: [[1, 2, 3, 4]], scores: [] } }],
      '0',
      'pred_instances.scores',
    ],
    ['nothing known', [{ foo: 1 }], undefined, undefined],
    ['empty', [], undefined, undefined],
    ['a number', '3', '(top)', '(file)'],
  ])('says record and field: %s', (_name, value, record, field) => {
    let error: unknown;
    try {
      read(value);
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(DataFormatError);
    expect(error).toMatchObject({ file: 'p.json', record, field });
  });
});

describe('findBoxesInText', () => {
  it('takes only what tags enclose', () => {
    const text = 'not [9, 9, 9, 9] but <box>1,2,3,4</box>';
    expect(findBoxesInText(text)).toEqual({ tagged: true, boxes: [[1, 2, 3, 4]] });
  });
  it('reads two boxes in order', () => {
    expect(findBoxesInText('(1,2),(3,4) and [5,6,7,8]').boxes).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
  });
});
