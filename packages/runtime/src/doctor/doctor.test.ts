import { expect, test } from 'vitest';
import { examine } from './examine.js';
import { formatReport } from './format-report.js';

test('says which engines work, and of the others why not', async () => {
  const report = await examine(0);
  const find = (engine: string, device: string) =>
    report.engines.find((entry) => entry.engine === engine && entry.device === device);
  expect(find('compiled', 'cpu')?.works).toBe(true);
  expect(find('compiled', 'cpu')?.gflops).toBeGreaterThan(0);
  expect(find('wasm', 'cpu')?.works).toBe(true);
  const failed = report.engines.filter(({ works }) => !works);
  for (const { detail } of failed) expect(detail).toMatch(/install|needs/i);
  const text = formatReport(report);
  expect(text).toContain(`Node ${process.version}`);
  for (const { detail } of report.engines) expect(text).toContain(detail);
});
