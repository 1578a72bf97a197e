import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = { webgpu: '0.6.2', '@tensorflow/tfjs-backend-webgpu': '4.22.0' };
const own = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const folder = join(own, '.webgpu-check');

const link = (path: string, target: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path, 'dir');
};

/**
 * Makes the optional packages of the WebGPU engine importable here: they are 150 MB, so the workspace does not install them.
 * They are linked beside this package's own dependencies, where they share its copy of tfjs-core; the next `pnpm install` may take the links away again.
 */
export function linkWebGpu(): void {
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
    const options = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'inherit' });
  }
  const tfjs = createRequire(realpathSync(join(own, '@tensorflow/tfjs/package.json')));
  for (const name of ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu']) {
    link(join(folder, 'node_modules', name), dirname(tfjs.resolve(`${name}/package.json`)));
  }
  for (const name of Object.keys(packages)) link(join(own, name), join(folder, 'node_modules', name));
}
