import { afterEach, expect, it, vi } from 'vitest';
import { calledAs } from './called-as.js';

afterEach(() => vi.unstubAllEnvs());

it('is run by npx where the package is installed', () => {
  vi.stubEnv('REFCLIP_CALLED_AS', undefined);
  expect(calledAs('@refclip/data')).toBe('npx @refclip/data');
});

it('is what a clone says it is', () => {
  vi.stubEnv('REFCLIP_CALLED_AS', 'npx --yes pnpm@1.2.3 refclip-data');
  expect(calledAs('@refclip/data')).toBe('npx --yes pnpm@1.2.3 refclip-data');
});
