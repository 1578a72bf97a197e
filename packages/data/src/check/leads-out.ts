/** Whether a name of an image is absolute or climbs out of the folder it is relative to. */
export function leadsOut(name: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:)/.test(name) || name.split(/[\\/]/).includes('..') || name.includes('\0');
}
