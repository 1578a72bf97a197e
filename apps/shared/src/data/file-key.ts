import { statSync } from 'node:fs';

/** A file's path, size and time of change: what makes a cached result of it stale. */
export function fileKey(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${file}:${size}:${mtimeMs}`;
}
