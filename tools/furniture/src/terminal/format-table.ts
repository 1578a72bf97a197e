import { alignColumns } from './align-columns.js';

/** Rows of text as a table with a rule below its header: the first column to the left, the others to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((title, column) =>
    '─'.repeat(Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))),
  );
  return alignColumns([header, rule, ...rows]);
}
