// Every public package as a user gets it: packed, installed together with npm into an empty folder outside the workspace; there README examples run as written,
// types resolve, commands work. Run after a build; needs npm's registry or cache.
// `--node PATH`: the Node.js that runs the programs, in place of this one. May be repeated.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeInstalled, requiredPeers } from './tarballs/judge-installed.mjs';
import { installWithNpm, judgePacked, packPackages, readJson, root } from './tarballs/pack-packages.mjs';

const { values } = parseArgs({ options: { node: { type: 'string', multiple: true, default: [process.execPath] } } });
const project = mkdtempSync(join(tmpdir(), 'refclip-tarballs-'));
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
const problems = [];
try {
  const packages = packPackages(project);
  console.log(`packed ${packages.length} packages (${seconds()})`);
  problems.push(...packages.flatMap(judgePacked));
  const attw = join(root, 'node_modules/.bin/attw');
  for (const { name, file } of packages) {
    const { status, stdout, stderr } = spawnSync(attw, ['--profile', 'esm-only', '--no-emoji', join(project, file)], {
      encoding: 'utf8',
    });
    if (status !== 0) problems.push(`${name}: attw:\n${stdout}${stderr}`);
  }
  console.log(`types of every entry looked at by attw (${seconds()})`);

  const peers = [...new Set(packages.flatMap(({ packed }) => requiredPeers(packed)))];
  const versionOf = (name) => {
    const places = [root, ...packages.map(({ folder }) => folder)];
    for (const place of places) {
      try {
        return readJson(join(place, 'node_modules', name, 'package.json')).version;
      } catch {}
    }
    throw new Error(`${name} is in no node_modules of the workspace`);
  };
  const others = [...peers.filter((name) => !name.startsWith('@refclip/')), 'tsx', 'typescript', '@types/node'];
  const dependencies = Object.fromEntries([
    ...packages.map(({ name, file }) => [name, `file:./${file}`]),
    ...others.map((name) => [name, versionOf(name)]),
  ]);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  installWithNpm(project);
  console.log(`installed with npm (${seconds()})`);
  for (const node of values.node) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    const found = judgeInstalled(project, packages, node);
    problems.push(...found.map((problem) => `Node.js ${version}: ${problem}`));
    console.log(
      `README examples, types and commands with Node.js ${version}: ${found.length || 'no'} problems (${seconds()})`,
    );
  }
} finally {
  rmSync(project, { recursive: true });
}
for (const problem of problems) console.log(`FAILED  ${problem}`);
console.log(`tarballs: ${problems.length} problem(s)`);
process.exitCode = problems.length ? 1 : 0;
