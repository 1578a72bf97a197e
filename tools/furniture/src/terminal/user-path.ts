import { resolve } from 'node:path';

/** The folder in which the user typed the command: pnpm changes into the application's folder and leaves the former one in `INIT_CWD`. */
export const userDirectory: string = process.env.INIT_CWD ?? process.cwd();

/** A path that a user typed, absolute. */
export const userPath = (path: string): string => resolve(userDirectory, path);
