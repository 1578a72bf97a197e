import type { MachineReport } from './examine.js';

/** The report as text. */
export function formatReport({ engines, ...machine }: MachineReport): string {
  const { node, platform, processor, cores, memoryGiB, tfjs } = machine;
  const lines = engines.map(({ engine, device, works, detail, gflops }) => {
    const rate = gflops === undefined ? '' : ` ${gflops.toFixed(1)} GFLOP/s`;
    return `${works ? '✓' : '✗'} ${`${engine} (${device})`.padEnd(20)}${rate}\n    ${detail}`;
  });
  return [
    `Node ${node} on ${platform}; ${processor}, ${cores} cores, ${memoryGiB} GiB; tfjs ${tfjs}`,
    '',
    ...lines,
    '',
  ].join('\n');
}
