/** Forms of output for people and papers. */
export const gridForms = ['csv', 'markdown', 'latex'] as const;

/** Name of such a form. */
export type GridForm = (typeof gridForms)[number];

/** A table with names of its columns; NaN and undefined are left empty. The first column is text. */
export interface Grid {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | undefined)[])[];
  /** Digits after the point of each column's numbers, where people read them. CSV has all digits. */
  readonly digits: readonly number[];
}

const isNumber = (cell: string | number | undefined) => typeof cell === 'number';
const isNothing = (cell: string | number | undefined) => cell === undefined || Number.isNaN(cell);

/** A field as RFC 4180 has it. */
function csvField(cell: string | number | undefined): string {
  if (isNothing(cell)) return '';
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const latexEscapes: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};
const latexText = (text: string) => text.replace(/[\\~^<>&%$#_{}]/g, (c) => latexEscapes[c] ?? `\\${c}`);
const markdownText = (text: string) => text.replace(/[\\|<>*_`[\]]/g, '\\$&').replace(/\s+/g, ' ');

/** A table as CSV, as a Markdown table, or as a LaTeX tabular for `booktabs`. */
export function formatGrid({ columns, rows, digits }: Grid, form: GridForm): string {
  if (form === 'csv') return [columns, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
  const escapeText = form === 'latex' ? latexText : markdownText;
  const show = (cell: string | number | undefined, column: number) => {
    if (isNothing(cell)) return form === 'latex' ? '--' : '–';
    return isNumber(cell) ? (cell as number).toFixed(digits[column] ?? 0) : escapeText(String(cell));
  };
  const shown = rows.map((row) => row.map(show));
  if (form === 'markdown') {
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
    return line(columns.map(escapeText)) + line(columns.map((_, i) => (i ? '---:' : '---'))) + shown.map(line).join('');
  }
  const line = (cells: readonly string[]) => `  ${cells.join(' & ')} \\\\\n`;
  return (
    `% \\usepackage{booktabs}\n\\begin{tabular}{l${'r'.repeat(columns.length - 1)}}\n  \\toprule\n` +
    `${line(columns.map(escapeText))}  \\midrule\n${shown.map(line).join('')}  \\bottomrule\n\\end{tabular}\n`
  );
}
