import type { SchemeResult } from './run-scheme.js';

/** A scheme's accuracies as a Markdown table, the random anchor last. */
export function schemeTable({ rows, randomAnchor }: SchemeResult): string {
  const splits = Object.keys(rows[0]?.accuracy ?? {});
  const percent = (value: number | undefined) => value?.toFixed(2) ?? '–';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['accuracy, % (IoU > 0.5)', 'learned from', ...splits, 'seed', 'seconds']),
    line(['---', '---', ...splits.map(() => '---:'), '---:', '---:']),
    ...rows.map(({ model, supervision, seed, seconds, accuracy }) =>
      line([
        model,
        supervision === 'none' ? 'images and expressions' : supervision,
        ...splits.map((split) => percent(accuracy[split])),
        String(seed),
        seconds.toFixed(0),
      ]),
    ),
    line(['random anchor', '–', ...splits.map((split) => percent(randomAnchor[split])), '–', '–']),
  ].join('\n');
}
