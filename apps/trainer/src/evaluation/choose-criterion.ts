import type { TrainerConfig, TrainingDataset } from '@refclip/app-shared';
import { ConfigError } from '@refclip/structures';
import type { SplitEvaluation } from './evaluate-split.js';

/** What tells one epoch from a better one. */
export type Criterion = Exclude<TrainerConfig['evaluation']['chooseBy'], 'auto'>;

/**
 * What the best epoch of a training is chosen by: what `evaluation.chooseBy` names; for `auto` accuracy where every record of the validation split has a box,
 * otherwise retrieval, and without anything to validate on the last epoch.
 *
 * @throws {ConfigError} when the data have not what the configured one needs.
 */
export function chooseCriterion(
  { evaluation: { chooseBy } }: Pick<TrainerConfig, 'evaluation'>,
  { evaluation, validation }: Pick<TrainingDataset, 'evaluation' | 'validation'>,
): Criterion {
  const items = (validation !== null && evaluation.get(validation)) || [];
  const possible = {
    accuracy: items.length > 0 && items.every(({ truth }) => truth),
    retrieval: new Set(items.map(({ key }) => key)).size > 1,
    agreement: new Set(items.map(({ record }) => record)).size < items.length,
    last: true,
  };
  const needs = {
    accuracy: 'a box in every record',
    retrieval: 'two pictures or more',
    agreement: 'records with several expressions',
    last: '',
  };
  if (chooseBy === 'auto') {
    if (possible.accuracy) return 'accuracy';
    return possible.retrieval ? 'retrieval' : 'last';
  }
  if (possible[chooseBy]) return chooseBy;
  const problem = `"${chooseBy}" needs ${needs[chooseBy]} in the validation split, ${validation === null ? 'which is missing' : `"${validation}"`}; use ${possible.retrieval ? 'retrieval' : 'last'} or auto`;
  throw new ConfigError('trainer', [{ path: 'evaluation.chooseBy', problem }]);
}

/** How good an epoch is by a criterion; more is better. `null`: it says nothing, the later epoch is taken. */
export function criterionValue(criterion: Criterion, validation: SplitEvaluation | undefined): number | null {
  return criterion === 'last' ? null : (validation?.[criterion] ?? null);
}
