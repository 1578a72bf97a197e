/**
 * The words of an expression as the model's vocabulary sees them: lower case, without `. , ' ! ? " ( ) * # : ;`, split at blanks, `-` and `/`.
 *
 * @example
 * splitWords("The man's red-hat!"); // ['the', 'mans', 'red', 'hat']
 */
export function splitWords(expression: string): string[] {
  return expression
    .toLowerCase()
    .replace(/[.,'!?"()*#:;]/g, '')
    .replace(/[-/]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}
