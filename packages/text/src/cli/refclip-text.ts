#!/usr/bin/env node
import { processTerminal, startProgram } from '@refclip/furniture';
import { runCli } from './run-cli.js';

await startProgram((words) => runCli(words, processTerminal));
