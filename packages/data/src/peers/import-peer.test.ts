import { UsageError } from '@refclip/structures';
import { expect, it } from 'vitest';
import { importPeer } from './import-peer.js';

const missing = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /project/index.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

it('gives what is installed', async () => {
  expect(await importPeer('@refclip/images', 'Decoding images', async () => 7)).toBe(7);
});

it('names the package to install and what needs it', async () => {
  const loading = importPeer('@refclip/images', 'Decoding images', () => Promise.reject(missing('@refclip/images')));
  const error: unknown = await loading.catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain('Decoding images needs @refclip/images');
  expect(String(error)).toContain('npm install @refclip/images');
});

it('hides no other failure', async () => {
  const [broken, other] = [new Error('sharp cannot be loaded'), missing('sharp')];
  await expect(importPeer('@refclip/images', 'Drawing', () => Promise.reject(broken))).rejects.toBe(broken);
  await expect(importPeer('@refclip/images', 'Drawing', () => Promise.reject(other))).rejects.toBe(other);
});
