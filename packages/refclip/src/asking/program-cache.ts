import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where compiled programs of models are kept unless somebody says otherwise. */
export function programCache(): string {
  const { XDG_CACHE_HOME: given } = process.env;
  return join(given || join(homedir(), '.cache'), 'refclip', 'programs');
}
