// What a machine can check of the repository's structure: file names, index files, which way the arrows point.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** package → internal packages that it may import (ARCHITECTURE.md). */
const allowed = {
  structures: [],
  records: ['structures'],
  formats: ['structures'],
  eval: ['structures', 'formats', 'records', 'data', 'images'],
  images: ['structures'],
  scenes: ['structures'],
  data: ['structures', 'formats', 'records', 'images', 'scenes'],
  runtime: ['structures'],
  nn: ['structures', 'runtime'],
  vision: ['structures', 'formats', 'runtime', 'nn'],
  text: ['structures', 'formats', 'runtime', 'nn'],
  referring: ['structures', 'formats', 'runtime', 'nn', 'vision', 'text'],
  students: ['structures', 'runtime', 'nn', 'vision', 'text', 'referring'],
  core: ['structures', 'runtime', 'nn', 'vision', 'text', 'referring'],
  refclip: ['structures', 'images', 'runtime', 'nn', 'vision', 'text', 'referring', 'students', 'core'],
};
/** package → packages that are its optional peers: imported dynamically alone, tests apart. */
const optional = { data: ['images', 'scenes'], eval: ['images'] };
const withoutTensors = new Set(['structures', 'records', 'formats', 'eval', 'data', 'images', 'scenes']);

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split(
  '\n',
);
const problems = [];
for (const file of files.filter((name) => /\.(ts|mjs|js)$/.test(name))) {
  const name = basename(file);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config|shared|test-d|d))*\.(ts|mjs|js)$/.test(name)) {
    problems.push(`${file}: file names are kebab-case`);
  }
  const match = /^packages\/([^/]+)\/src\/(.*)$/.exec(file);
  if (!match) continue;
  const [, owner, inside] = match;
  if (name === 'index.ts' && inside !== 'index.ts') problems.push(`${file}: only src/index.ts may be an index`);
  const text = readFileSync(`${root}/${file}`, 'utf8');
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const internal = /^@refclip\/([a-z]+)/.exec(specifier)?.[1];
    if (internal && internal !== 'testing' && internal !== 'build' && internal !== 'furniture') {
      if (!allowed[owner]?.includes(internal)) problems.push(`${file}: ${owner} must not import ${internal}`);
      if (
        optional[owner]?.includes(internal) &&
        !/\.test\.ts$/.test(name) &&
        !text.includes(`import('${specifier}')`)
      ) {
        problems.push(`${file}: ${owner} must import ${internal}, an optional peer, dynamically`);
      }
      if (specifier !== `@refclip/${internal}`) problems.push(`${file}: import ${specifier} reaches inside a package`);
    }
    if (/^(@tensorflow|onnxruntime)/.test(specifier) && withoutTensors.has(owner)) {
      problems.push(`${file}: ${owner} must not import a tensor library (${specifier})`);
    }
  }
  if (/@ts-ignore/.test(text)) problems.push(`${file}: @ts-ignore`);
}
for (const problem of problems) console.error(problem);
console.log(`structure: ${files.length} files, ${problems.length} problem(s)`);
process.exit(problems.length ? 1 : 0);
