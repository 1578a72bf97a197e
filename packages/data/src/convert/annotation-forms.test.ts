import { DataFormatError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import type { WriteContext } from './annotation-form.js';
import { type AnnotationFormName, annotationForms } from './annotation-forms.js';
import type { PendingRecord } from './pending-record.js';
import type { ReferringRecord, SplitRecords } from './referring-dataset.js';
import { settleBoxes } from './settle-boxes.js';

const size = { width: 640, height: 480 };
const train: ReferringRecord[] = [
  { image: 500, box: [261.63, 111.79, 48.54, 102.84], expressions: ['the woman in red'], category: 0, size },
  {
    image: 500,
    box: [267.02, 7.58, 249.52, 196.82],
    expressions: ['left-most "dog", puppy', "guy's\nhat"],
    category: 16,
    size,
  },
  {
    image: 'photos/own cat.png',
    box: [1, 2, 30, 40],
    expressions: ['café; table', '[not a list]'],
    category: 79,
    size,
  },
];
const val: ReferringRecord[] = [
  { image: 501, box: [157.69, 141.14, 99.29, 176.14], expressions: ['2nd, from the right'], category: 79, size },
];
const both: SplitRecords = new Map([
  ['train', train],
  ['val', val],
]);

function contextOf(form: AnnotationFormName): WriteContext {
  return {
    imageName: (image) => (typeof image === 'number' ? `COCO_train2014_${String(image).padStart(12, '0')}.jpg` : image),
    boxes: annotationForms[form].boxes('x') ?? 'xywh',
    file: 'out',
  };
}

function write(form: AnnotationFormName, splits: SplitRecords): Buffer {
  return Buffer.concat([...annotationForms[form].write(splits, contextOf(form))].map((piece) => Buffer.from(piece)));
}

async function read(form: AnnotationFormName, text: string | Uint8Array, split = 'train'): Promise<PendingRecord[]> {
  return annotationForms[form].read(Buffer.from(text as string), { file: `file.${form}`, split });
}

async function roundTrip(form: AnnotationFormName, splits: SplitRecords) {
  const file = `file.${form}`;
  const settled = await settleBoxes(await read(form, write(form, splits)), {
    file,
    ofForm: annotationForms[form].boxes(file) ?? (form === 'transvg' ? 'xywh' : undefined),
  });
  return settled.splits;
}

const names = Object.keys(annotationForms) as AnnotationFormName[];
/** What a form has no place for. */
const lost: Partial<Record<AnnotationFormName, (keyof ReferringRecord)[]>> = {
  simrec: ['size'],
  odvg: ['category'],
  realgin: ['category', 'size'],
};

function without(records: readonly ReferringRecord[], fields: readonly (keyof ReferringRecord)[]) {
  return records.map((record) =>
    Object.fromEntries(
      Object.entries(record).filter(
        ([key, value]) => value !== undefined && !fields.includes(key as keyof ReferringRecord),
      ),
    ),
  );
}

// TransVG rounds boxes and holds an expression per row: transvg-tuples.test.ts and below.
// As do ODVG's lines with grounding.
describe.each(names.filter((name) => name !== 'transvg' && name !== 'odvg-grounding'))('the %s form', (form) => {
  it('gives back what was written', async () => {
    const splits: SplitRecords = annotationForms[form].holdsSplits ? both : new Map([['train', train]]);
    const back = await roundTrip(form, splits);
    expect([...back.keys()]).toEqual([...splits.keys()]);
    for (const [split, records] of splits) {
      expect(without(back.get(split) ?? [], lost[form] ?? [])).toEqual(without(records, lost[form] ?? []));
    }
  });
});

describe.each(names)('the %s form', (form) => {
  it('refuses noise, cut files and wrong types with an error that names the file', async () => {
    const good = write(form, annotationForms[form].holdsSplits ? both : new Map([['train', train]]));
    const u = mulberry32(11, 4000);
    let [refused, at] = [0, 0];
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(good);
      for (let k = 0; k < 4; k++)
        bytes[Math.floor((u[at++] as number) * bytes.length)] = Math.floor((u[at++] as number) * 256);
      const cut = bytes.subarray(0, Math.ceil((u[at++] as number) * bytes.length));
      try {
        await read(form, cut);
      } catch (error) {
        expect(error).toBeInstanceOf(DataFormatError);
        expect((error as DataFormatError).file).toBe(`file.${form}`);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe('own pairs', () => {
  it('need no box and no split in JSON lines', async () => {
    const records = await read(
      'jsonl',
      '\ufeff{"image": "cat.jpg", "expression": "a cat"}\r\n\n{"image": 7, "expressions": ["x", "y"], "box": null}\n',
    );
    expect(records).toMatchObject([
      { at: 'line 1', split: 'train', image: 'cat.jpg', expressions: ['a cat'] },
      { at: 'line 3', image: 7, expressions: ['x', 'y'] },
    ]);
    expect(records[0]?.rawBox).toBeUndefined();
  });

  it('read corners from the columns x1, y1, x2, y2 of a CSV with semicolons', async () => {
    const records = await read(
      'csv',
      'image;expression;x1;y1;x2;y2;split\ncat.jpg;a cat;10;20;40;60;val\ndog.jpg;a dog;;;;;train\n',
    );
    const { splits, notes } = await settleBoxes(records, { file: 'own.csv' });
    expect(splits.get('val')).toMatchObject([{ box: [10, 20, 30, 40] }]);
    expect(splits.get('train')?.[0]?.box).toBeUndefined();
    expect(notes).toEqual([]);
  });

  it('group rows of a CSV that share a ref', async () => {
    const records = await read(
      'csv',
      'image,expression,box,ref\na.jpg,one,"[1, 2, 3, 4]",5\na.jpg,two,"[1, 2, 3, 4]",5\na.jpg,three,,6\n',
    );
    expect(records.map(({ expressions }) => expressions)).toEqual([['one', 'two'], ['three']]);
  });

  it('report every wrong line at once', async () => {
    const text =
      '{"image": "a.jpg"}\nnot json\n{"image": "a.jpg", "expression": 5}\n{"image": "a.jpg", "expression": "x", "box": [1, 2, 3]}\n';
    await expect(read('jsonl', text)).rejects.toThrow(
      /record line 1.*4 problems in all[\s\S]*line 2[\s\S]*line 3[\s\S]*line 4, field box/,
    );
  });

  it('report wrong boxes of a CSV by line and field', async () => {
    try {
      await read('csv', 'image,expression,box\na.jpg,x,1 2 3\n');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ record: 'line 2', field: 'box' });
    }
  });

  it('refuse a CSV without the columns', async () => {
    await expect(read('csv', 'picture,text\na,b\n')).rejects.toThrow(/no column image, expression; got picture, text/);
  });
});

describe('other tools', () => {
  it('TransVG files give back rows of an expression each with whole pixels', async () => {
    const back = await roundTrip('transvg', new Map([['train', train]]));
    expect(back.get('train')?.map(({ image, box, expressions }) => [image, box?.join(' '), expressions])).toEqual([
      [500, '262 112 48 103', ['the woman in red']],
      [500, '267 8 250 196', ['left-most "dog", puppy']],
      [500, '267 8 250 196', ["guy's\nhat"]],
      ['photos/own cat.png', '1 2 30 40', ['café; table']],
      ['photos/own cat.png', '1 2 30 40', ['[not a list]']],
    ]);
  });

  it('Google refexp files may hold lists, as the raw ones do', async () => {
    const records = await read(
      'google',
      JSON.stringify({
        annotations: [{ annotation_id: 3, image_id: 9, refexp_ids: [7, 8], bbox: [1, 2, 3, 4] }],
        refexps: [
          { refexp_id: 7, raw: 'A cat' },
          { refexp_id: 8, raw: 'the left one' },
        ],
      }),
    );
    expect(records).toMatchObject([{ image: 9, expressions: ['A cat', 'the left one'], rawBox: [1, 2, 3, 4] }]);
  });

  it('COCO files may have the caption in the image, and ids of a few categories', async () => {
    const records = await read(
      'coco',
      JSON.stringify({
        images: [{ id: 1, file_name: 'COCO_train2014_000000000009.jpg', caption: 'the dog', width: 5, height: 4 }],
        annotations: [{ id: 2, image_id: 1, bbox: [1, 2, 3, 4], category_id: 18 }],
        categories: [{ id: 18, name: 'dog' }],
      }),
    );
    expect(records).toMatchObject([
      { image: 9, expressions: ['the dog'], category: 16, size: { width: 5, height: 4 } },
    ]);
  });

  it('COCO files without expressions are refused', async () => {
    const text = JSON.stringify({
      images: [{ id: 1, file_name: 'a.jpg' }],
      annotations: [{ id: 2, image_id: 1, bbox: [1, 2, 3, 4] }],
    });
    await expect(read('coco', text)).rejects.toThrow(/none of the 1 annotations has an expression/);
  });

  it('RealGIN queries are texts or lists', async () => {
    const records = await read(
      'realgin',
      `img_id,bbox,query\n524520,"[1.5, 2, 3, 4]","['a cat', ""the dog's""]"\n19.jpg,"[1, 2, 3, 4]",plain\n`,
      'val',
    );
    expect(records).toMatchObject([
      { image: 524520, expressions: ['a cat', "the dog's"], rawBox: [1.5, 2, 3, 4], split: 'val' },
      { image: 19, expressions: ['plain'] },
    ]);
  });

  it('RealGIN files are written with lists in training, and with a row per expression elsewhere', async () => {
    const text = (split: string) => write('realgin', new Map([[split, train.slice(0, 2)]])).toString();
    expect(text('train').split('\n').slice(1, 3)).toEqual([
      `COCO_train2014_000000000500.jpg,"[261.63, 111.79, 310.17, 214.63]",['the woman in red']`,
      `COCO_train2014_000000000500.jpg,"[267.02, 7.58, 516.54, 204.4]","['left-most ""dog"", puppy', ""guy's\\nhat""]"`,
    ]);
    expect((await read('realgin', text('val'))).map(({ expressions }) => expressions)).toEqual([
      ['the woman in red'],
      ['left-most "dog", puppy'],
      ["guy's\nhat"],
    ]);
  });

  it('ODVG lines with grounding hold an expression each, that is all of its caption', async () => {
    const splits = new Map([['train', [{ image: 500, box: [1, 2, 3, 4] as const, expressions: ['a 😀', 'b'], size }]]]);
    const lines = write('odvg-grounding', splits)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({
      filename: 'COCO_train2014_000000000500.jpg',
      height: 480,
      width: 640,
      grounding: { caption: 'a 😀', regions: [{ bbox: [1, 2, 4, 6], phrase: 'a 😀', tokens_positive: [[0, 3]] }] },
    });
    const back = await roundTrip('odvg-grounding', splits);
    expect(back.get('train')?.map(({ box, expressions }) => [box, expressions])).toEqual([
      [[1, 2, 3, 4], ['a 😀']],
      [[1, 2, 3, 4], ['b']],
    ]);
  });

  it('ODVG lines with grounding give each region its phrase', async () => {
    const regions = [
      { bbox: [0, 1, 2, 3], phrase: 'a man', tokens_positive: [[0, 5]] },
      {
        bbox: [
          [0, 1, 2, 3],
          [1, 1, 3, 3],
        ],
        phrase: ['two dogs', 'the dogs'],
        tokens_positive: [[10, 18]],
      },
    ];
    const line = JSON.stringify({
      filename: 'x.jpg',
      height: 4,
      width: 5,
      grounding: { caption: 'a man and two dogs', regions },
    });
    const single = JSON.stringify({
      filename: 'x.jpg',
      height: 4,
      width: 5,
      grounding: { caption: 'the man left', regions: regions.slice(0, 1) },
    });
    const records = await read('odvg', `${line}\n${single}\n`);
    expect(records.map(({ expressions, rawBox }) => [expressions, rawBox])).toEqual([
      [['a man'], [0, 1, 2, 3]],
      [['two dogs the dogs'], [0, 1, 2, 3]],
      [['two dogs the dogs'], [1, 1, 3, 3]],
      [['the man left'], [0, 1, 2, 3]],
    ]);
  });

  it('ODVG lines hold several phrases', async () => {
    const records = await read(
      'odvg',
      '{"filename": "x.jpg", "height": 4, "width": 5, "referring": [{"bbox": [0, 1, 2, 3], "phrase": ["a", "b"]}, {"bbox": [0, 1, 2, 3], "phrase": "c"}]}',
    );
    expect(records.map(({ expressions }) => expressions)).toEqual([['a', 'b'], ['c']]);
  });
});
