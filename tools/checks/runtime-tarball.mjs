// `examples/runtime/basic.ts` and `refclip-runtime doctor` as a user runs them, from the packed tarballs. Run after a build.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkInEmptyProject, root } from './empty-project.mjs';

const manifestOf = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const versionOf = (name) => manifestOf(join('packages/runtime/node_modules', name, 'package.json')).version;
const peers = ['@tensorflow/tfjs', 'onnxruntime-node', 'tsx'].map((name) => `${name}@${versionOf(name)}`);

checkInEmptyProject('basic.ts and doctor', ['structures', 'runtime'], peers, (folder) => {
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
  return [
    ...(example.stdout === 'value 14 gradient 2, 4, 6\n' ? [] : [`basic.ts: ${example.stdout}${example.stderr}`]),
    ...(compiles ? [] : [`doctor (${doctor.status}): ${doctor.stdout}${doctor.stderr}`]),
    ...unwanted.map((name) => `${name} was installed unasked`),
  ];
});
