// `npx @refclip/eval score` as a user runs it: both packages packed, installed from their tarballs into an empty project outside the workspace.
// Run after a build; needs the npm registry (or npm's cache) for the two dependencies.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'refclip-eval-'));
try {
  for (const name of ['structures', 'eval']) {
    const from = join(root, 'packages', name);
    execFileSync('npx', ['--yes', 'pnpm@12.21.0', 'pack', '--pack-destination', folder], { cwd: from, stdio: 'pipe' });
  }
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const install = ['install', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`)];
  execFileSync('npm', install, { cwd: folder, stdio: 'pipe' });
  const rows = [0, 1, 2, 3].map((id) => {
    const box = id < 3 ? [0, 0, 10, 10] : [0, 0, 3, 10];
    return JSON.stringify({ id, imageId: id, split: 'val', box, boxFormat: 'xyxy', truth: [0, 0, 10, 10] });
  });
  writeFileSync(join(folder, 'predictions.jsonl'), `${rows.join('\n')}\n`);
  const score = (...more) =>
    spawnSync('npx', ['--offline', '@refclip/eval', 'score', '--predictions', 'predictions.jsonl', ...more], {
      cwd: folder,
      encoding: 'utf8',
    });
  const { status, stdout, stderr } = score('--json', '--report', 'report.html');
  const last = status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1)) : undefined;
  const strict = score('--min-accuracy', '80');
  const page = readdirSync(folder).includes('report.html');
  const good = last?.count === 4 && last.accuracy['0.5'] === 75 && strict.status === 1 && page;
  console.log(`npx @refclip/eval score in an empty project: ${good ? 'ok' : `FAILED (${status})\n${stdout}${stderr}`}`);
  process.exitCode = good ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
