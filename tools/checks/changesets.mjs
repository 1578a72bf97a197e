// Whether the changesets can be read and a release made of them: `changeset status` and `changeset version`, in a copy, since the second rewrites files and the
// first needs a branch that a clone may lack.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'refclip-changesets-'));
const run = (command, ...words) =>
  execFileSync(command, words, { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split(
    '\n',
  );
  for (const file of files) {
    if (/(^|\/)package\.json$|^pnpm-workspace\.yaml$|^\.changeset\/|^biome\.json$/.test(file))
      cpSync(join(root, file), join(copy, file), { recursive: true });
  }
  run('git', 'init', '--quiet', '--initial-branch', 'main');
  run('git', 'add', '--all');
  run('git', '-c', 'user.name=check', '-c', 'user.email=check@localhost', 'commit', '--quiet', '--message', 'copy');
  const changeset = join(root, 'node_modules/.bin/changeset');
  process.stdout.write(run(changeset, 'status'));
  run(changeset, 'version');
  const changed = run('git', 'status', '--short')
    .split('\n')
    .filter((line) => line.includes('CHANGELOG.md'));
  if (!changed.length)
    throw new Error('changeset version wrote no change log; expected one per package that is released.');
  console.log(`changesets: ${changed.length} change log(s) can be written`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
