import { UsageError } from '@refclip/structures';
import { tokenizeExpression } from '@refclip/text';

/** @throws {UsageError} unless this is a list of texts, each of which has a word. */
export function assertExpressions(expressions: readonly string[]): void {
  if (!Array.isArray(expressions))
    throw new UsageError("ground: expected a list of expressions, e.g. ['the red star'].");
  const wrong = expressions.filter((text) => typeof text !== 'string' || !tokenizeExpression(text).length);
  if (wrong.length) {
    const shown = wrong.map((text) => (typeof text === 'string' ? `"${text}"` : typeof text)).join(', ');
    throw new UsageError(`${shown}: expected expressions, each a text with at least one word.`);
  }
}
