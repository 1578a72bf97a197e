import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { synthesizeScenes } from '@refclip/scenes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import rootPackage from '../../../package.json' with { type: 'json' };

// The page of the guide for somebody with pictures and sentences, run as it is written: no box, no val split.

const root = join(import.meta.dirname, '../../..');
/** A guard against hangs, ms: eight programs one after the other. */
const patience = 300_000;

let folder: string;
let page: string;
/** Fenced blocks of a language, in order. */
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}(?: [a-z-]+)?\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text]) => text as string,
  );

/** `npx --yes pnpm@… <script>` as pnpm runs it, without pnpm: in the workspace, the caller's folder in `INIT_CWD`. */
const npx = `
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
const [yes, manager, ...words] = process.argv.slice(2);
if (yes !== '--yes' || manager !== ${JSON.stringify(rootPackage.packageManager)}) throw new Error('not as the page begins commands: ' + [yes, manager]);
const filtered = words[0] === '--filter';
const cwd = filtered ? join(${JSON.stringify(root)}, 'apps', words[1]) : ${JSON.stringify(root)};
const [name, ...args] = filtered ? words.slice(2) : words;
const script = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).scripts[name];
if (!script) throw new Error('no script ' + name);
const { status } = spawnSync('sh', ['-c', script + ' "$@"', 'sh', ...args], { cwd, stdio: 'inherit', env: { ...process.env, INIT_CWD: process.cwd() } });
process.exitCode = status ?? 1;
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-own-'));
  page = await readFile(join(root, 'docs/guides/your-own-data.md'), 'utf8');
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/npx.mjs'), npx);
  await writeFile(join(folder, 'bin/npx'), `#!/bin/sh\nexec "${process.execPath}" "${folder}/bin/npx.mjs" "$@"\n`);
  await chmod(join(folder, 'bin/npx'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The page's own rows and pictures, and 24 more, all drawn. */
async function writePairs(): Promise<void> {
  const scenes = join(folder, 'scenes');
  await synthesizeScenes(scenes, { seed: 3, train: 26, val: 1, testA: 1, testB: 1 });
  const { train } = JSON.parse(await readFile(join(scenes, 'annotations.json'), 'utf8'));
  const drawn: readonly { readonly iid: number; readonly refs: readonly string[] }[] = train;
  const ids = [...new Set(drawn.map(({ iid }) => iid))];
  const csv = blocks('csv')[0] as string;
  const named = [...new Set(csv.match(/\S+\.jpg/g))];
  const nameOf = (id: number) => named[ids.indexOf(id)] ?? `garden/${id}.jpg`;
  for (const id of ids) {
    const file = join(folder, 'photos', nameOf(id));
    await mkdir(dirname(file), { recursive: true });
    await cp(join(scenes, `images/${id}.jpg`), file);
  }
  const rows = drawn.flatMap(({ iid, refs }, at) => refs.map((text) => `${nameOf(iid)},"${text}",drawn-${at}\n`));
  await writeFile(join(folder, 'pairs.csv'), csv + rows.join(''));
  await rm(scenes, { recursive: true });
}

test("the page's commands, in order and as written, lead from pictures and sentences to answers and labels", {
  timeout: patience,
}, async () => {
  await writePairs();
  const own = blocks('yaml').find((text) => text.startsWith('# own.yaml\n')) as string;
  await writeFile(join(folder, 'own.yaml'), own);
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  const commands = blocks('sh').flatMap((block) => block.trimEnd().split('\n'));
  expect(
    commands.map((command) => command.replace(/^npx --yes \S+ (--filter )?/, '').replace(/ -.*| pairs.*/, '')),
  ).toEqual([
    ...['convert', 'check', 'stats', 'preview'].map((name) => `refclip-data ${name}`),
    'trainer start',
    'trainer ground',
    'pseudo-labeler start',
    'pseudo-labeler preview',
  ]);
  const said = commands.map((command) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
    expect(status, `${command}\n${stdout}${stderr}`).toBe(0);
    return stdout + stderr;
  });
  const [, , , , trained, grounded, labeled] = said;
  expect(trained).toContain('detector: the bundled one, which knows drawn shapes alone');
  expect(trained).toContain('held-out accuracy unknown (no boxes), retrieval');
  expect(grounded).not.toContain('never seen');
  expect(grounded).toMatch(/^blue kettle +\d/m);
  expect(labeled).not.toContain('accuracy against');
  const records = JSON.parse(await readFile(join(folder, 'pairs.json'), 'utf8')).train;
  expect(records.some((record: object) => 'bbox' in record)).toBe(false);
  const labels = await readdir(join(folder, 'labels/own'), { recursive: true });
  expect(labels).toEqual(expect.arrayContaining(['labels.jsonl', 'summary.json', 'simrec', 'preview.html']));
  const files = await readdir(folder);
  expect(files).toEqual(expect.arrayContaining(['boxed.png', 'gallery.html', 'statistics.html', 'runs', '.cache']));
});
