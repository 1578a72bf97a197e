// An empty project outside the workspace with our packages installed from their tarballs, as from npm. Needs a build, and npm's registry or cache.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Calls `check` with the project's folder, prints what it found wrong and sets the exit code.
 *
 * @param what  is checked, for people.
 * @param packages  folders below `packages`.
 * @param others  packages of others to install beside them.
 * @param check  returns the problems, none when all is well.
 */
export function checkInEmptyProject(what, packages, others, check) {
  const folder = mkdtempSync(join(tmpdir(), 'refclip-project-'));
  try {
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const name of packages) {
      const cwd = join(root, 'packages', name);
      execFileSync('npx', ['--yes', packageManager, 'pack', '--pack-destination', folder], { cwd, stdio: 'pipe' });
    }
    const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    // As README and the package's own say it for a machine that does not reach nuget's host: onnxruntime-node's script would download CUDA libraries from there.
    const install = ['install', '--no-audit', '--no-fund'];
    execFileSync('npm', [...install, ...others, ...tarballs.map((name) => `./${name}`)], {
      cwd: folder,
      stdio: 'pipe',
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    });
    const problems = check(folder);
    console.log(`${what} in an empty project: ${problems.length ? `FAILED\n${problems.join('\n')}` : 'ok'}`);
    process.exitCode = problems.length ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
