/**
 * Sorts rows by their group, keeping their order inside each.
 *
 * @param rows  how many rows there are.
 * @param groups  how many groups there are.
 * @param groupOf  row → its group, or −1 for none.
 * @returns the rows of each group; views of one array.
 */
export function groupRows(rows: number, groups: number, groupOf: (row: number) => number): readonly Int32Array[] {
  const groupOfRow = new Int32Array(rows);
  const starts = new Int32Array(groups + 1);
  for (let row = 0; row < rows; row++) {
    const group = groupOf(row);
    groupOfRow[row] = group;
    if (group >= 0) starts[group + 1]!++;
  }
  for (let group = 0; group < groups; group++) starts[group + 1]! += starts[group]!;
  const ends = starts.slice(0, groups);
  const sorted = new Int32Array(starts[groups]!);
  for (let row = 0; row < rows; row++) {
    const group = groupOfRow[row]!;
    if (group >= 0) sorted[ends[group]!++] = row;
  }
  return Array.from(ends, (end, group) => sorted.subarray(starts[group], end));
}
