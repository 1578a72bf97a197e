/**
 * A Python that benchmarks and shared tests compare with; a peer, never a requirement.
 *
 * Tried are the one that the variable REFCLIP_PYTHON names, and nothing else; without it `python3` of the path, then Debian's.
 *
 * @param modules  what it must be able to import, e.g. `torch`.
 * @returns its command; undefined, after a warning, when there is none.
 */
export declare function findPython(modules: readonly string[]): string | undefined;
