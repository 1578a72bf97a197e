import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Public packages, built before: each one's folder, its manifest in the workspace, its tarball in `destination`, and what that holds.
 *
 * @param names  folders below `packages`; default all.
 */
export function packPackages(destination, names = readdirSync(join(root, 'packages'))) {
  const { packageManager } = readJson(join(root, 'package.json'));
  return names.flatMap((name) => {
    const folder = join(root, 'packages', name);
    const manifest = readJson(join(folder, 'package.json'));
    if (manifest.private) return [];
    execFileSync('npx', ['--yes', packageManager, 'pack', '--pack-destination', destination], {
      cwd: folder,
      stdio: 'pipe',
    });
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
    const tar = (...words) => execFileSync('tar', words, { cwd: destination, encoding: 'utf8', maxBuffer: 1e9 });
    const files = tar('-tzf', file).trim().split('\n');
    const packed = JSON.parse(tar('-xzOf', file, 'package/package.json'));
    return [{ name: manifest.name, folder, manifest, packed, file, files }];
  });
}

/**
 * Installs what the project's package.json names, with npm. As the README says it for a machine that reaches npm's registry alone: onnxruntime-node's script would
 * download CUDA libraries from elsewhere.
 */
export function installWithNpm(project) {
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: project,
    stdio: 'pipe',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
}

/** What is wrong with a packed package before anybody installs it. */
export function judgePacked({ name, packed, files }) {
  const problems = [];
  for (const file of ['README.md', 'LICENSE']) {
    if (!files.includes(`package/${file}`)) problems.push(`${name}: no ${file} in its tarball`);
  }
  for (const key of ['description', 'license', 'engines', 'exports', 'files', 'publishConfig']) {
    if (packed[key] === undefined) problems.push(`${name}: no ${key} in its package.json`);
  }
  const unresolved = JSON.stringify(packed).match(/"(workspace|catalog):[^"]*"/g) ?? [];
  for (const range of unresolved) problems.push(`${name}: ${range} is left in the packed package.json`);
  for (const key of ['dependencies', 'peerDependencies']) {
    for (const dependency of Object.keys(packed[key] ?? {})) {
      if (/^@refclip\/(furniture|build|testing|checks)$/.test(dependency)) {
        problems.push(`${name}: ${key} names ${dependency}, which is private`);
      }
    }
  }
  const test = files.filter((file) => /\.test\.[cm]?[jt]s$|\/__fixtures__\/|\/\.reports\//.test(file));
  if (test.length) problems.push(`${name}: test files in its tarball: ${test.slice(0, 3).join(', ')}`);
  return problems;
}
