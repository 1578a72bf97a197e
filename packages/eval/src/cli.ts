import { startProgram } from '@refclip/furniture';
import { runCli } from './cli/run-cli.js';

const out = (text: string) => void process.stdout.write(text);
const error = (text: string) => void process.stderr.write(text);
await startProgram((words) => runCli(words, { out, error, interactive: process.stderr.isTTY }));
