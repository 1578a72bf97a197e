/**
 * The words of an expression: lower case, the characters `. , ' ! ? " ( ) * # : ;` deleted, `-` and `/` read as spaces, split at white space.
 *
 * @see the official release's text preparation (RefCLIP, CVPR 2023)
 * @example
 * tokenizeExpression("Man's red-and-white shirt, left."); // ['mans', 'red', 'and', 'white', 'shirt', 'left']
 */
export function tokenizeExpression(expression: string): string[] {
  return expression
    .toLowerCase()
    .replace(/[.,'!?"()*#:;]/g, '')
    .replace(/[-/]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}
