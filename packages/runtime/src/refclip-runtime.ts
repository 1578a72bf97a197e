#!/usr/bin/env node
import { calledAs } from '@refclip/furniture';
import { silenceAdvice } from './backends/silence-advice.js';
import { examine } from './doctor/examine.js';
import { formatReport } from './doctor/format-report.js';

const usage = `Usage: refclip-runtime doctor [--json]

Prints which engines and devices work on this machine, what the others need, and a rate measured for one second each.

Example:
  ${calledAs('@refclip/runtime')} doctor
`;

silenceAdvice();
const [command, ...options] = process.argv.slice(2);
const isHelp = [command, ...options].some((word) => word === '--help' || word === '-h');
if (!isHelp && command === 'doctor' && options.every((option) => option === '--json')) {
  const report = await examine();
  process.stdout.write(options.length ? `${JSON.stringify(report)}\n` : formatReport(report));
} else {
  (isHelp ? process.stdout : process.stderr).write(usage);
  process.exitCode = isHelp ? 0 : 2;
}
