import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('a program that %s stops leaves nothing half-written and ends with %d', async (signal, code) => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-signals-'));
  const script = `
    import { exitOnSignals, WholeFile } from '@refclip/furniture';
    exitOnSignals();
    const whole = await WholeFile.create(${JSON.stringify(join(folder, 'a.txt'))});
    await whole.write('x'.repeat(1 << 19));
    process.kill(process.pid, '${signal}');
    setTimeout(() => {}, 60_000);`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions=@refclip/source', '--input-type=module', '--eval', script],
    { cwd: import.meta.dirname, encoding: 'utf8' },
  );
  expect(status, stderr).toBe(code);
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});
