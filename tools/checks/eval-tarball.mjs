// `npx @refclip/eval score` as a user runs it, from the packed tarballs. Run after a build.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkInEmptyProject } from './empty-project.mjs';

checkInEmptyProject('npx @refclip/eval score', ['structures', 'records', 'formats', 'data', 'eval'], [], (folder) => {
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
  return [
    ...(last?.count === 4 && last.accuracy['0.5'] === 75 ? [] : [`score (${status}): ${stdout}${stderr}`]),
    ...(strict.status === 1 ? [] : [`--min-accuracy 80 ended with ${strict.status}; expected 1`]),
    ...(existsSync(join(folder, 'report.html')) ? [] : ['no report.html']),
  ];
});
