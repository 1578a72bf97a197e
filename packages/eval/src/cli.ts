import { exitOnSignals } from '@refclip/furniture';
import { runCli } from './cli/run-cli.js';

exitOnSignals();

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY,
});
