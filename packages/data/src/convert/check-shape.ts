import type { z } from 'zod';
import type { ProblemList } from './problem-list.js';

/** The value in the schema's shape; otherwise every deviation goes to the list and the result is undefined. */
export function checkShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at: string | number | undefined,
  problems: ProblemList,
): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.add(at, issue.path.join('.') || undefined, issue.message);
  return undefined;
}
