import { type DataProblem, type ProblemKind, problemKinds } from './data-problem.js';

/** All problems of one kind. */
export interface ProblemGroup {
  readonly kind: ProblemKind;
  readonly severity: 'error' | 'warning';
  readonly count: number;
  /** The first of them. */
  readonly examples: readonly DataProblem[];
}

/** Problems by kind, errors first, in a fixed order. */
export function summarizeProblems(problems: Iterable<DataProblem>, examplesPerKind = 5): ProblemGroup[] {
  const groups = new Map<ProblemKind, { count: number; examples: DataProblem[] }>();
  for (const problem of problems) {
    const group = groups.get(problem.kind) ?? { count: 0, examples: [] };
    groups.set(problem.kind, group);
    group.count++;
    if (group.examples.length < examplesPerKind) group.examples.push(problem);
  }
  const order = Object.keys(problemKinds) as ProblemKind[];
  return order
    .filter((kind) => groups.has(kind))
    .map((kind) => ({ kind, severity: problemKinds[kind], ...groups.get(kind)! }))
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}
