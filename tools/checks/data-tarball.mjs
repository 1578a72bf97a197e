// `npm install @refclip/data @refclip/eval` as a user gets them, from the packed tarballs: no decoder, no font, no tensor library, and commands that need one name it. Run after a build.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installWithNpm, packPackages, readJson } from './tarballs/pack-packages.mjs';

/** What neither package may bring. */
const unwanted = /(^|\/)(sharp|opentype\.js|dejavu-fonts-ttf|onnxruntime-[a-z]+)$|(^|\/)@(img|tensorflow)\//;

const project = mkdtempSync(join(tmpdir(), 'refclip-data-'));
try {
  const packages = packPackages(project, ['structures', 'records', 'formats', 'data', 'eval']);
  const dependencies = Object.fromEntries(packages.map(({ name, file }) => [name, `file:./${file}`]));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  installWithNpm(project);
  const problems = judge(project);
  console.log(`@refclip/data in an empty project: ${problems.length ? `FAILED\n${problems.join('\n')}` : 'ok'}`);
  process.exitCode = problems.length ? 1 : 0;
} finally {
  rmSync(project, { recursive: true });
}

/** What is wrong with data and eval in a project that installed them alone. */
function judge(folder) {
  const run = (program, ...words) => spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
  const data = (...words) => run('npx', '--offline', 'refclip-data', ...words);
  const { packages } = readJson(join(folder, 'package-lock.json'));
  const installed = Object.keys(packages)
    .filter(Boolean)
    .map((path) => path.replace(/^.*node_modules\//, ''));
  console.log(run('npm', 'ls', '--all').stdout.trimEnd());
  console.log(
    `${execFileSync('du', ['-sh', 'node_modules'], { cwd: folder, encoding: 'utf8' }).trim()}, ${installed.length} packages`,
  );
  writeFileSync(join(folder, 'pairs.csv'), 'image,expression,box,split\ncat.jpg,left cat,"[10, 20, 40, 60]",train\n');
  writeFileSync(join(folder, 'cat.jpg'), '');
  const works = [
    ['convert', '--from', 'csv', '--input', 'pairs.csv', '--boxes', 'xyxy', '--output', 'pairs.json'],
    ['check', 'pairs.json', '--images', '.', '--no-decode'],
    ['stats', 'pairs.json', '--html', 'statistics.html'],
  ];
  const refused = [
    ['@refclip/images', 'check', 'pairs.json', '--images', '.'],
    ['@refclip/images', 'preview', 'pairs.json', '--images', '.', '--output', 'gallery.html'],
    [
      '@refclip/images',
      'convert',
      '--from',
      'csv',
      '--input',
      'pairs.csv',
      '--boxes',
      'xyxy-1000',
      '--images',
      '.',
      '--output',
      'p.json',
    ],
    ['@refclip/scenes', 'synthesize', '--output', 'scenes'],
  ];
  return [
    ...installed.filter((name) => unwanted.test(name)).map((name) => `${name} was installed`),
    ...works.flatMap((words) => {
      const { status, stdout, stderr } = data(...words);
      return status === 0 ? [] : [`refclip-data ${words.join(' ')} (${status}): ${stdout}${stderr}`];
    }),
    ...refused.flatMap(([name, ...words]) => {
      const { status, stdout, stderr } = data(...words);
      const said = status === 2 && stderr.includes(`npm install ${name}\n`);
      return said
        ? []
        : [`refclip-data ${words.join(' ')} (${status}): expected 2 and the name of ${name}, got ${stdout}${stderr}`];
    }),
  ];
}
