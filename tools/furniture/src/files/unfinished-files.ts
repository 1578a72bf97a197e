import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const unfinished = new Set<string>();

/** Runs when the process ends on its own or by `process.exit`; a killed one leaves its files, which `removeLeftovers` of the applications finds by name. */
function removeUnfinished(): void {
  for (const file of unfinished) rmSync(file, { force: true, recursive: true });
}

/** A name beside a file for what is being written; whatever has it is removed if the process exits before {@link forgetTemporary}. */
export function nameTemporary(file: string): string {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  if (unfinished.size === 0) process.on('exit', removeUnfinished);
  unfinished.add(temporary);
  return temporary;
}

/** Says that a temporary file was renamed or removed. */
export function forgetTemporary(temporary: string): void {
  unfinished.delete(temporary);
  if (unfinished.size === 0) process.off('exit', removeUnfinished);
}
