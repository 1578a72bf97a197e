import { spawnSync } from 'node:child_process';

/** JavaScript, since benchmarks that plain Node runs import it too; its types are in find-python.d.mts. */
export function findPython(modules) {
  const { REFCLIP_PYTHON } = process.env;
  const candidates = REFCLIP_PYTHON ? [REFCLIP_PYTHON] : ['python3', '/usr/bin/python3'];
  const program = `import ${modules.join(', ')}`;
  const found = candidates.find((python) => spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0);
  if (!found)
    console.warn(
      `no Python with ${modules.join(' and ')} (tried ${candidates.join(', ')}): going on without. Set REFCLIP_PYTHON to one that has.`,
    );
  return found;
}
