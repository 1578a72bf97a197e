#!/usr/bin/env node
import { exitOnSignals } from '@refclip/furniture';
import { runCli } from './run-cli.js';

exitOnSignals();

// A reader that closes early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: process.stderr,
});
