import { expect, it } from 'vitest';
import { csvForm } from './csv-form.js';
import { jsonlForm } from './jsonl-form.js';
import { isPrintedList } from './misnamed-fields.js';

const context = { file: 'own', split: 'train' } as Parameters<typeof csvForm.read>[1];
const csv = (...lines: string[]) => csvForm.read(Buffer.from(`${lines.join('\n')}\n`), context);
const jsonl = (row: object) => jsonlForm.read(Buffer.from(JSON.stringify({ image: 'a.jpg', ...row })), context);

it.each(['bbox', 'X1,Y1,X2,Y2', 'x_min,y_min,x_max,y_max', 'left,top,right,bottom', 'xtl,ytl,xbr,ybr', 'x1,y1,x2'])(
  'refuses boxes in columns that are not read: %s',
  (columns) => {
    const row = columns.split(',').map((_, at) => at + 1);
    expect(() => csv(`image,expression,${columns}`, `a.jpg,cup,${row}`)).toThrowError(/line 1.*not read; expected box/);
    const keys = Object.fromEntries(columns.split(',').map((name, at) => [name, at + 1]));
    expect(() => jsonl({ expression: 'cup', ...keys })).toThrowError(/line 1.*not read; expected box/);
  },
);

it('refuses splits under a name that is not read', () => {
  expect(() => csv('image,expression,Split', 'a.jpg,cup,val')).toThrowError(/field Split: .*expected split/);
  expect(() => jsonl({ expression: 'cup', subset: 'val' })).toThrowError(/field subset: .*expected split/);
});

it('refuses cells that hold a list or an object', () => {
  expect(() => csv('image,expression', `a.jpg,"['the cup', 'it']"`)).toThrowError(/expression: expected one text/);
  expect(() => csv('image,expression', `"{'bytes': None, 'path': 'a.jpg'}",cup`)).toThrowError(/expected a file name/);
  expect(['[blue] dog', "['a' 'b']", '["a"]', "[the 'x']"].map(isPrintedList)).toEqual([false, true, true, false]);
});

it('leaves alone what is read, and what is no box', async () => {
  const [record] = [...(await csv('image,expression,x1,y1,x2,y2,bbox,split', 'a.jpg,cup,1,2,3,4,[],val'))];
  expect(record).toMatchObject({ rawBox: [1, 2, 3, 4], split: 'val' });
  expect([...(await csv('image,expression,left,note', 'a.jpg,cup,1,2'))]).toHaveLength(1);
  expect([...(await jsonl({ expression: 'cup', box: null, bbox: [1, 2, 3, 4] }))]).toHaveLength(1);
  expect([...(await jsonl({ expression: 'cup', width: 9, height: 9 }))]).toHaveLength(1);
});
