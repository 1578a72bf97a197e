import { readFileSync } from 'node:fs';

const root: { readonly packageManager: string } = JSON.parse(
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
);

/** How commands that the programs name begin, so that they run as printed where there is Node and no pnpm: `npx --yes pnpm@<version of this workspace>`. */
export const pnpmCommand = `npx --yes ${root.packageManager}`;
