import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

let directory: string;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-cli-'));
  await mkdir(at('photos'));
  for (const [name, width, height] of [
    ['cat.jpg', 200, 100],
    ['dog.jpg', 100, 200],
  ] as const) {
    await sharp({ create: { width, height, channels: 3, background: '#7a9' } })
      .jpeg()
      .toFile(at(`photos/${name}`));
  }
  await writeFile(
    at('pairs.csv'),
    'image,expression,box,split\ncat.jpg,left cat,"[100, 200, 500, 600]",train\ncat.jpg,"cat, <b>left</b>","[100, 200, 500, 600]",train\ndog.jpg,dog,"[0, 0, 990, 995]",val\n',
  );
});
afterAll(() => rm(directory, { recursive: true }));

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const stream = new Writable({
    write(chunk, _, done) {
      err += String(chunk);
      done();
    },
  });
  const code = await runCli(args, { out: (text) => (out += text), err: stream });
  return { code, out, err, json: () => JSON.parse(out.trim().split('\n').at(-1) as string) };
}

describe('refclip-data convert', () => {
  it('reads thousandths with the sizes of the images, groups, and says how boxes were read', async () => {
    const args = [
      '--from',
      'csv',
      '--input',
      at('pairs.csv'),
      '--boxes',
      'xyxy-1000',
      '--images',
      at('photos'),
      '--output',
      at('pairs.json'),
      '--group',
    ];
    const { code, json } = await run('convert', ...args, '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      files: [at('pairs.json')],
      splits: { train: { records: 1, expressions: 2 }, val: { records: 1, expressions: 1 } },
      notes: ['Boxes are read as xyxy-1000, as declared.'],
    });
    expect(JSON.parse(await readFile(at('pairs.json'), 'utf8'))).toEqual({
      train: [{ iid: 'cat.jpg', bbox: [20, 20, 80, 40], refs: ['left cat', 'cat, <b>left</b>'] }],
      val: [{ iid: 'dog.jpg', bbox: [0, 0, 99, 199], refs: ['dog'] }],
    });
  });

  it('writes a file per split', async () => {
    const args = [
      '--from',
      'simrec',
      '--input',
      at('pairs.json'),
      '--to',
      'odvg',
      '--images',
      at('photos'),
      '--output',
      at('odvg/{split}.jsonl'),
    ];
    const { code, out } = await run('convert', ...args);
    expect(code).toBe(0);
    expect(out).toMatch(/train +1 +2\nval +1 +1/);
    expect(out.trim().split('\n').at(-1)).toBe(
      `next: npx @refclip/data check ${at('odvg/train.jsonl')} --images ${at('photos')}`,
    );
    expect((await readdir(at('odvg'))).sort()).toEqual(['train.jsonl', 'val.jsonl']);
    const back = [
      '--from',
      'odvg',
      '--input',
      at('odvg/train.jsonl'),
      `val=${at('odvg/val.jsonl')}`,
      '--to',
      'jsonl',
      '--output',
      at('back.jsonl'),
    ];
    expect((await run('convert', ...back)).code).toBe(0);
    expect(JSON.parse((await readFile(at('back.jsonl'), 'utf8')).split('\n')[0] as string)).toEqual({
      image: 'cat.jpg',
      expressions: ['left cat', 'cat, <b>left</b>'],
      box: [20, 20, 80, 40],
      boxFormat: 'xywh',
      split: 'train',
      width: 200,
      height: 100,
    });
  });

  it('refuses a file without records, and writes nothing', async () => {
    for (const [form, name, text] of [
      ['jsonl', 'empty.jsonl', ''],
      ['csv', 'empty.csv', 'image,expression\n'],
    ] as const) {
      await writeFile(at(name), text);
      const { code, err } = await run('convert', '--from', form, '--input', at(name), '--output', at('none.json'));
      expect([code, err]).toEqual([1, expect.stringContaining('holds no records')]);
    }
    expect(await readdir(directory)).not.toContain('none.json');
  });

  it('refuses to guess what three boxes mean, with exit code 1', async () => {
    const { code, err } = await run('convert', '--from', 'csv', '--input', at('pairs.csv'), '--output', at('no.json'));
    expect(code).toBe(1);
    expect(err).toContain('cannot tell how boxes are written');
    expect(await readdir(directory)).not.toContain('no.json');
  });

  it('needs {split} for several splits in a form of one', async () => {
    const { code, err } = await run(
      'convert',
      '--from',
      'simrec',
      '--input',
      at('pairs.json'),
      '--to',
      'realgin',
      '--output',
      at('r.csv'),
    );
    expect(code).toBe(2);
    expect(err).toContain('{split}');
  });

  it('reports what is missing before it writes', async () => {
    await writeFile(
      at('boxless.jsonl'),
      '{"image": "cat.jpg", "expression": "x"}\n{"image": "no.jpg", "expression": "y"}\n',
    );
    const { code, err } = await run(
      'convert',
      '--from',
      'jsonl',
      '--input',
      at('boxless.jsonl'),
      '--to',
      'odvg',
      '--images',
      at('photos'),
      '--output',
      at('o.jsonl'),
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /3 problems in all[\s\S]*train 0, field box[\s\S]*train 1, field box[\s\S]*train 1, field size/,
    );
  });

  it('takes only the splits asked for', async () => {
    const args = ['--from', 'simrec', '--input', at('pairs.json'), '--to', 'realgin', '--output', at('val.csv')];
    expect((await run('convert', ...args, '--splits', 'val')).code).toBe(0);
    expect(await readFile(at('val.csv'), 'utf8')).toBe('img_id,bbox,query\ndog.jpg,"[0, 0, 99, 199]",dog\n');
    expect((await run('convert', ...args, '--splits', 'testA')).code).toBe(2);
  });
});

describe('refclip-data convert --from refer', () => {
  it('converts the fixture, and prints its counts beside the published ones', async () => {
    const fixtures = fileURLToPath(new URL('../refer/__fixtures__', import.meta.url));
    for (const name of ['refs-protocol0.p', 'refs-protocol2.p', 'refs-protocol4.p', 'refs-python2.p']) {
      await mkdir(at('refer'), { recursive: true });
      await copyFile(join(fixtures, name), at('refer/refs(unc).p'));
      await copyFile(join(fixtures, 'instances.json'), at('refer/instances.json'));
      const args = [
        '--from',
        'refer',
        '--input',
        at('refer'),
        '--dataset',
        'refcoco',
        '--split-by',
        'unc',
        '--output',
        at('refer.json'),
      ];
      const { code, out } = await run('convert', ...args);
      expect(code).toBe(0);
      expect(out).toMatch(/expressions in testB +4 +5095 +-5091/);
      const expected = await readFile(join(fixtures, 'expected-annotations.json'), 'utf8');
      expect(JSON.parse(await readFile(at('refer.json'), 'utf8'))).toEqual(JSON.parse(expected));
    }
  });

  it('writes masks beside', async () => {
    const args = [
      '--from',
      'refer',
      '--input',
      at('refer'),
      '--dataset',
      'refcoco',
      '--split-by',
      'unc',
      '--output',
      at('refer.json'),
    ];
    const { code, json } = await run('convert', ...args, '--masks', at('masks'), '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({ masks: 9 });
    expect(Object.keys(JSON.parse(await readFile(at('masks/masks.json'), 'utf8')))).toHaveLength(9);
    expect((await run('convert', ...args, '--masks', at('npy'), '--mask-format', 'npy')).out).toContain(
      'and 9 masks in',
    );
    expect(await readdir(at('npy'))).toHaveLength(9);
    const other = [
      '--from',
      'simrec',
      '--input',
      at('refer.json'),
      '--to',
      'jsonl',
      '--output',
      at('x.jsonl'),
      '--masks',
      at('m'),
    ];
    expect((await run('convert', ...other)).code).toBe(2);
  });

  it('refuses a pickle that holds code, and writes nothing', async () => {
    await mkdir(at('bad-refer'));
    await copyFile(
      fileURLToPath(new URL('../refer/__fixtures__/malicious.p', import.meta.url)),
      at('bad-refer/refs(unc).p'),
    );
    const args = [
      '--from',
      'refer',
      '--input',
      at('bad-refer'),
      '--dataset',
      'refcoco',
      '--split-by',
      'unc',
      '--output',
      at('bad-out.json'),
    ];
    const { code, err } = await run('convert', ...args);
    expect(code).toBe(1);
    expect(err).toContain('holds code');
    expect(await readdir(directory)).not.toContain('bad-out.json');
  });

  it('needs data set and split, and one that exists', async () => {
    const args = ['--from', 'refer', '--input', at('refer'), '--output', at('x.json')];
    expect((await run('convert', ...args)).code).toBe(2);
    expect((await run('convert', ...args, '--dataset', 'refcoco', '--split-by', 'umd')).code).toBe(2);
  });
});

describe('refclip-data check', () => {
  it('exits with 0 for a good data set', async () => {
    const { code, json } = await run('check', at('pairs.json'), '--images', at('photos'), '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({ errors: 0, warnings: 0, form: 'simrec', imagesChecked: 'decoded' });
  });

  it('exits with 1 and lists everything', async () => {
    await writeFile(
      at('bad.json'),
      JSON.stringify({
        train: [
          { iid: '../x.jpg', refs: ['a'] },
          { iid: 'cat.jpg', bbox: [0, 0, 0, 0], refs: [''] },
          { iid: 7, refs: ['b'] },
        ],
        val: [{ iid: 'cat.jpg', refs: ['c'] }],
      }),
    );
    const { code, json, err } = await run('check', at('bad.json'), '--images', at('photos'), '--json');
    expect(code).toBe(1);
    expect(err).toBe('');
    expect(json().problems.map(({ kind, count }: { kind: string; count: number }) => [kind, count])).toEqual([
      ['missing-image', 1],
      ['unsafe-path', 1],
      ['empty-box', 1],
      ['empty-expression', 1],
      ['no-box', 1],
      ['image-in-two-splits', 1],
    ]);
    const text = await run('check', at('bad.json'), '--images', at('photos'));
    expect(text.out).toContain('error missing-image (1)\n  train 2: image 7 is not in');
    expect(text.out).toContain('4 error(s), 2 warning(s)');
  });

  it('reports a file that cannot be read as records', async () => {
    await writeFile(at('cut.json'), '{"train": [{"iid": 1, "re');
    const { code, json } = await run('check', at('cut.json'), '--form', 'simrec', '--json');
    expect(code).toBe(1);
    expect(json().problems[0]).toMatchObject({ kind: 'unreadable-file' });
  });

  it('counts warnings as errors when it is strict', async () => {
    await writeFile(at('warn.jsonl'), '{"image": "cat.jpg", "expression": "x", "split": "val"}\n');
    expect((await run('check', at('warn.jsonl'))).code).toBe(0);
    expect((await run('check', at('warn.jsonl'), '--strict')).code).toBe(1);
  });
});

describe('refclip-data stats and preview', () => {
  it('prints a table and JSON, and writes a page', async () => {
    const table = await run('stats', at('pairs.json'));
    expect(table.out).toMatch(/split +images +records +expressions/);
    expect(table.out).toMatch(/left or right 33\.3 %/);
    const { code, json } = await run('stats', at('pairs.json'), '--html', at('stats.html'), '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({ total: { images: 2, expressions: 3, boxes: 2 }, html: at('stats.html') });
    expect(await readFile(at('stats.html'), 'utf8')).toContain('<svg');
  });

  it('writes a gallery with images inside and expressions escaped', async () => {
    const { code } = await run('preview', at('pairs.json'), '--images', at('photos'), '--output', at('gallery.html'));
    expect(code).toBe(0);
    const page = await readFile(at('gallery.html'), 'utf8');
    expect(page).toContain('cat, &lt;b&gt;left&lt;/b&gt;');
    expect(page).not.toContain('<b>left');
    expect(page.match(/data:image\/jpeg;base64,/g)).toHaveLength(2);
    expect(page).toContain('<rect x="20" y="20" width="80" height="40"/>');
    expect(
      (await run('preview', at('pairs.json'), '--images', at('photos'), '--split', 'testZ', '--output', at('z.html')))
        .code,
    ).toBe(2);
  });
});

describe('refclip-data synthesize', () => {
  it('draws a data set that checks without errors', async () => {
    const counts = ['--train', '3', '--val', '1', '--test-a', '1', '--test-b', '1', '--size', '96'];
    const { code, json } = await run('synthesize', '--output', at('scenes'), ...counts, '--json');
    expect(code).toBe(0);
    const checked = await run('check', json().annotations, '--images', json().images, '--json');
    expect(checked.json()).toMatchObject({ errors: 0, splits: ['train', 'val', 'testA', 'testB'] });
    expect((await run('synthesize', '--output', at('scenes'), ...counts)).code).toBe(0);
  });

  it('does not replace a folder of other files', async () => {
    expect((await run('synthesize', '--output', at('photos'))).code).toBe(2);
    expect((await run('synthesize', '--output', at('pairs.csv'))).code).toBe(2);
    expect(await readdir(at('photos'))).toEqual(['cat.jpg', 'dog.jpg']);
  });
});

describe('refclip-data', () => {
  it.each([
    [['--help']],
    [['convert', '--help']],
    [['check', '--help']],
    [['stats', '--help']],
    [['preview', '--help']],
    [['synthesize', '--help']],
  ])('%j shows examples', async (args) => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    expect(out).toContain('Examples:\n  $ npx @refclip/data');
  });

  it.each([
    [['unknown']],
    [['convert', '--from', 'csv']],
    [['check']],
    [['stats', 'a', '--form', 'x']],
    [['preview', 'a.json', '--images', 'x', '--output', 'y', '--count', '0']],
  ])('%j is wrong usage: exit code 2', async (args) => {
    expect((await run(...args)).code).toBe(2);
  });

  it('names all unknown options at once', async () => {
    const { code, err } = await run('convert', '--from', 'csv', '--inptu', 'a', '--outptu=b');
    expect(code).toBe(2);
    expect(err).toContain("unknown options '--inptu', '--outptu'\n(Did you mean --input, --output?)");
  });

  it('exits with 1 for a file that is not there, and says so in JSON', async () => {
    const { code, json, err } = await run('stats', at('nowhere.json'), '--json');
    expect(code).toBe(1);
    expect(json()).toMatchObject({ kind: 'file' });
    expect(err).toContain('nowhere.json: cannot be read');
  });
});
