import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('prints the report alone, without the advice of TensorFlow.js', () => {
  const program = ['--conditions=@refclip/source', '--import', 'tsx', 'refclip-runtime.ts', 'doctor', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout).engines.length).toBeGreaterThan(0);
  expect(stderr).not.toContain('speed things up');
});

it.each([[['--help']], [['doctor', '--help']], [['doctor', '-h']]])('%j is answered by its usage', (args) => {
  const program = ['--conditions=@refclip/source', '--import', 'tsx', 'refclip-runtime.ts', ...args];
  const { status, stdout } = spawnSync(process.execPath, program, { cwd: import.meta.dirname, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: refclip-runtime doctor');
});
