// Every public package as a user gets it: publint on the packed form, and an import of its built entry in plain node.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
let failed = 0;
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const problems = [];
  try {
    execFileSync('npx', ['publint', '--strict', folder], { cwd: root, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    problems.push(`publint:\n${error.stdout}${error.stderr}`);
  }
  for (const [key, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    for (const file of Object.values(target)) {
      if (!existsSync(join(folder, file))) problems.push(`exports["${key}"] names ${file}, which is not there`);
    }
    try {
      await import(pathToFileURL(join(folder, target.import)).href);
    } catch (error) {
      problems.push(`import of ${target.import}: ${error.message}`);
    }
  }
  for (const file of ['README.md']) {
    if (!existsSync(join(folder, file))) problems.push(`no ${file}`);
  }
  console.log(`${manifest.name}: ${problems.length ? problems.join('\n') : 'ok'}`);
  failed += problems.length;
}
process.exit(failed ? 1 : 0);
