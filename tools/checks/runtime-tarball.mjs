// `examples/runtime/basic.ts` as a user runs it: the packages packed, installed from their tarballs into an empty project outside the workspace.
// Run after a build; needs the npm registry (or npm's cache) for the dependencies.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'refclip-runtime-'));
try {
  for (const name of ['structures', 'runtime']) {
    const from = join(root, 'packages', name);
    execFileSync('npx', ['--yes', 'pnpm@12.21.0', 'pack', '--pack-destination', folder], { cwd: from, stdio: 'pipe' });
  }
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const manifestOf = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
  const versionOf = (name) => manifestOf(join('packages/runtime/node_modules', name, 'package.json')).version;
  const peers = ['@tensorflow/tfjs', 'onnxruntime-node', 'tsx'].map((name) => `${name}@${versionOf(name)}`);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  // Without scripts: that of onnxruntime-node would download CUDA libraries.
  const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', [...options, ...peers, ...tarballs.map((name) => `./${name}`)], { cwd: folder, stdio: 'pipe' });
  const optional = Object.entries(manifestOf('packages/runtime/package.json').peerDependenciesMeta)
    .filter(([, { optional }]) => optional)
    .map(([name]) => name);
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const unwanted = optional.filter((name) => `node_modules/${name}` in packages);
  copyFileSync(join(root, 'examples/runtime/basic.ts'), join(folder, 'basic.ts'));
  const run = (...args) => spawnSync('npx', ['--offline', ...args], { cwd: folder, encoding: 'utf8' });
  const example = run('tsx', 'basic.ts');
  const doctor = run('refclip-runtime', 'doctor', '--json');
  const engines = doctor.status === 0 ? JSON.parse(doctor.stdout).engines : [];
  const compiles = engines.some(({ engine, device, works }) => engine === 'compiled' && device === 'cpu' && works);
  const problems = [
    ...(example.stdout === 'value 14 gradient 2, 4, 6\n' ? [] : [`basic.ts: ${example.stdout}${example.stderr}`]),
    ...(compiles ? [] : [`doctor (${doctor.status}): ${doctor.stdout}${doctor.stderr}`]),
    ...unwanted.map((name) => `${name} was installed unasked`),
  ];
  console.log(`basic.ts and doctor in an empty project: ${problems.length ? `FAILED\n${problems.join('\n')}` : 'ok'}`);
  process.exitCode = problems.length ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
