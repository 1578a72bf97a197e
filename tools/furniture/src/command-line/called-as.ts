/**
 * How a package's command is written so that it runs where it was started: from a clone as `tools/from-clone/run-command.mjs` says it
 * (`npx --yes pnpm@<version> refclip-data`), otherwise by npx (`npx @refclip/data`).
 *
 * @param packageName  whose only bin the command is.
 */
export function calledAs(packageName: string): string {
  return process.env.REFCLIP_CALLED_AS ?? `npx ${packageName}`;
}
