import { type UnsupportedOp, UnsupportedOpError } from '@refclip/structures';
import type { Node } from '../ir/graph.js';
import type { KernelDefinition } from './kernel-definition.js';

/**
 * Checks that every kernel of a program can be compiled.
 *
 * @param endedBy  what ended the recording before the program did, if anything.
 * @throws {UnsupportedOpError} that names every kernel without a lowering, how often and where it is called.
 */
export function assertSupported(
  name: string,
  nodes: readonly Node[],
  table: ReadonlyMap<string, KernelDefinition>,
  endedBy?: Error,
): void {
  const unsupported = new Map<string, { count: number; first: Node }>();
  for (const node of nodes) {
    if (table.has(node.kernel)) continue;
    const known = unsupported.get(node.kernel);
    if (known) known.count++;
    else unsupported.set(node.kernel, { count: 1, first: node });
  }
  if (!unsupported.size) return;
  const ops: UnsupportedOp[] = Array.from(unsupported, ([kernel, { count, first }]) => ({
    name: kernel,
    count,
    example: first.where,
  }));
  throw new UnsupportedOpError(`program ${name} cannot be compiled`, ops, endedBy && { cause: endedBy });
}
