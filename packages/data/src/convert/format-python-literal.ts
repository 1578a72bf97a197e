import type { PythonLiteral } from './parse-python-literal.js';

/** Writes a value as Python's `repr` would, so that `ast.literal_eval` reads it back. The inverse of `parsePythonLiteral`. */
export function formatPythonLiteral(value: PythonLiteral | readonly PythonLiteral[]): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return formatString(value);
  return `[${value.map(formatPythonLiteral).join(', ')}]`;
}

function formatString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}
