// What is wrong with the packages in a project that installed their tarballs: README examples, types, commands.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, root } from './pack-packages.mjs';

/** @param node  the Node.js that runs the programs. */
export function judgeInstalled(project, packages, node) {
  const run = (words, cwd = project) =>
    spawnSync(node, words, { cwd, encoding: 'utf8', env: { ...process.env, REFCLIP_CALLED_AS: undefined } });
  const tsx = ['--import', 'tsx'];
  return [
    ...packages.flatMap((one) => judgeReadme(one, project, (words, cwd) => run([...tsx, ...words], cwd))),
    ...judgeTypes(packages, project, run),
    ...judgeOptionalPeers(packages, project),
    ...judgeRuntime(packages, project, run, tsx),
    ...judgeEval(packages, project, run),
    ...judgeRefclip(packages, project, run),
  ];
}

/** The README's example, run as it is written in a folder of its own, prints what the README says. */
function judgeReadme({ name, folder }, project, run) {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!code) return [`${name}: its README has no TypeScript example`];
  const place = join(project, 'examples', name.replace('@refclip/', ''));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'example.ts'), code);
  // Files that the example finds in its folder.
  const maker = join(folder, 'test/example-files.mjs');
  if (existsSync(maker)) {
    const call = `${readFileSync(maker, 'utf8')}\nawait writeExampleFiles('.');\n`;
    writeFileSync(join(place, 'make-files.mjs'), call);
    const made = run([join(place, 'make-files.mjs')], place);
    if (made.status !== 0) return [`${name}: the files of its example cannot be made: ${made.stdout}${made.stderr}`];
  }
  const { status, stdout, stderr } = run([join(place, 'example.ts')], place);
  const claimed = /prints\n\n```\n([\s\S]*?)```/.exec(readme)?.[1];
  if (status === 0 && (claimed === undefined || stdout === claimed)) return [];
  return [`${name}: the example of its README ended with ${status}: ${stdout}${stderr}`];
}

/** Every entry of every package resolves for TypeScript as Node.js resolves it, and its declarations name nothing that is not installed. */
function judgeTypes(packages, project, run) {
  const entries = packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports).flatMap(([key, target]) =>
      typeof target === 'string' ? [] : [key.replace('.', name)],
    ),
  );
  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';\nconsole.log(entry${i});\n`);
  writeFileSync(join(project, 'types.ts'), imports.join(''));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--moduleResolution', 'nodenext'];
  const target = ['--target', 'es2022', '--lib', 'es2023,dom', '--types', 'node'];
  const { stdout } = run(['node_modules/typescript/bin/tsc', ...options, ...target, 'types.ts']);
  // Declarations of others have errors of their own.
  return stdout
    .split('\n')
    .filter((line) => /^(types\.ts|node_modules\/(@refclip\/|refclip\/))/.test(line))
    .map((line) => `types: ${line}`);
}

/** Optional peers that nothing else asks for are not installed. */
function judgeOptionalPeers(packages, project) {
  const { packages: installed } = readJson(join(project, 'package-lock.json'));
  const required = new Set(packages.flatMap(({ packed }) => requiredPeers(packed)));
  const asked = new Set(packages.flatMap(({ name, packed }) => [name, ...Object.keys(packed.dependencies ?? {})]));
  return packages.flatMap(({ name, packed }) =>
    Object.keys(packed.peerDependenciesMeta ?? {})
      .filter((peer) => !required.has(peer) && !asked.has(peer) && `node_modules/${peer}` in installed)
      .map((peer) => `${name}: its optional peer ${peer} was installed unasked`),
  );
}

/** Peers that a package needs. */
export function requiredPeers(packed) {
  return Object.keys(packed.peerDependencies ?? {}).filter((peer) => !packed.peerDependenciesMeta?.[peer]?.optional);
}

const isThere = (packages, name) => packages.some((one) => one.name === name);
const binOf = (project, name, bin) => {
  const manifest = readJson(join(project, 'node_modules', name, 'package.json'));
  return join(project, 'node_modules', name, manifest.bin[bin]);
};

/** `examples/runtime/basic.ts` and `refclip-runtime doctor`. */
function judgeRuntime(packages, project, run, tsx) {
  if (!isThere(packages, '@refclip/runtime')) return [];
  writeFileSync(join(project, 'basic.ts'), readFileSync(join(root, 'examples/runtime/basic.ts')));
  const example = run([...tsx, 'basic.ts']);
  const doctor = run([binOf(project, '@refclip/runtime', 'refclip-runtime'), 'doctor', '--json']);
  const engines = doctor.status === 0 ? JSON.parse(doctor.stdout).engines : [];
  const compiles = engines.some(({ engine, device, works }) => engine === 'compiled' && device === 'cpu' && works);
  return [
    ...(example.stdout === 'value 14 gradient 2, 4, 6\n' ? [] : [`basic.ts: ${example.stdout}${example.stderr}`]),
    ...(compiles ? [] : [`doctor (${doctor.status}): ${doctor.stdout}${doctor.stderr}`]),
  ];
}

/** `refclip-eval score`: its figures, its page, and exit code 1 below a minimum. */
function judgeEval(packages, project, run) {
  if (!isThere(packages, '@refclip/eval')) return [];
  const rows = [0, 1, 2, 3].map((id) => {
    const box = id < 3 ? [0, 0, 10, 10] : [0, 0, 3, 10];
    return JSON.stringify({ id, imageId: id, split: 'val', box, boxFormat: 'xyxy', truth: [0, 0, 10, 10] });
  });
  writeFileSync(join(project, 'predictions.jsonl'), `${rows.join('\n')}\n`);
  const command = binOf(project, '@refclip/eval', 'refclip-eval');
  const score = (...more) => run([command, 'score', '--predictions', 'predictions.jsonl', ...more]);
  const { status, stdout, stderr } = score('--json', '--report', 'report.html');
  const last = status === 0 ? JSON.parse(stdout.trim().split('\n').at(-1)) : undefined;
  const strict = score('--min-accuracy', '80');
  return [
    ...(last?.count === 4 && last.accuracy['0.5'] === 75 ? [] : [`score (${status}): ${stdout}${stderr}`]),
    ...(strict.status === 1 ? [] : [`--min-accuracy 80 ended with ${strict.status}; expected 1`]),
    ...(existsSync(join(project, 'report.html')) ? [] : ['refclip-eval score --report wrote no report.html']),
  ];
}

/** `openModel` in threads, which run a file of the built package; beside the model and the picture of the README's example. */
function judgeRefclip(packages, project, run) {
  if (!isThere(packages, 'refclip')) return [];
  const place = join(project, 'examples/refclip');
  const code = `import { openModel } from 'refclip';
const model = await openModel('best.safetensors', { workers: 2, cacheDirectory: null });
const answers = await Promise.all([1, 2, 3].map(() => model.ground('photo.jpg', ['red star', 'left circle'])));
console.log(answers.flat().filter(({ box }) => box?.length === 4).length);
await model.close();
`;
  writeFileSync(join(place, 'threads.mjs'), code);
  const { status, stdout, stderr } = run([join(place, 'threads.mjs')], place);
  return status === 0 && stdout === '6\n' ? [] : [`refclip: openModel in threads (${status}): ${stdout}${stderr}`];
}
