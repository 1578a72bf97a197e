import type { Dataset } from '@refclip/app-shared';

/** A picture of the data and an expression that is true of it, to ask a trained model first: of an evaluation split, or of training where no split is evaluated. */
export function firstQuestion({ evaluation, train }: Pick<Dataset, 'evaluation' | 'train'>): {
  readonly image: string;
  readonly expression: string;
} {
  for (const [item] of evaluation.values()) if (item) return { image: item.file, expression: item.expression };
  const [record] = train;
  return { image: record?.file ?? '<image>', expression: record?.expressions[0] ?? '<expression>' };
}
