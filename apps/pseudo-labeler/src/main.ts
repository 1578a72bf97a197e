import { startProgram } from '@refclip/furniture';
import { runCommandLine } from './command-line/run-command-line.js';

await startProgram(runCommandLine);
