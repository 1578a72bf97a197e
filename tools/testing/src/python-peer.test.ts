import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PythonPeer } from './python-peer.js';

test('takes turns, says who it is, and tells when it is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-peer-'));
  // Node stands in for Python: the protocol is lines.
  const script = join(folder, 'peer.mjs');
  await writeFile(
    script,
    `import { createInterface } from 'node:readline';
let runs = 0;
for await (const what of createInterface({ input: process.stdin })) {
  if (what === 'end') process.exit();
  runs++;
  console.log(JSON.stringify({ ms: runs, cpuMs: 2 * runs, about: [what, process.argv[2], process.env.PEER_TEST].join() }));
}`,
  );
  const peer = new PythonPeer({ python: process.execPath, script, args: ['small'], env: { PEER_TEST: 'yes' } });
  try {
    expect(await peer.run('image')).toEqual({ ms: 1, cpuMs: 2 });
    expect(await peer.run('step')).toEqual({ ms: 2, cpuMs: 4 });
    expect(peer.about).toBe('step,small,yes');
    await expect(peer.run('end')).rejects.toThrow('peer.mjs small ended');
  } finally {
    peer.stop();
    await rm(folder, { recursive: true });
  }
});
