import { columnChart, rowChart } from '../pages/bar-chart.js';
import { escapeHtml, htmlPage } from '../pages/html-page.js';
import type { DatasetStatistics } from './compute-statistics.js';
import { percent, statisticsRows } from './format-statistics.js';
import type { Histogram } from './histogram.js';

/** A page with the table and plots of a data set; it needs nothing from elsewhere. */
export function statisticsPage(title: string, statistics: DatasetStatistics, notes: readonly string[] = []): string {
  const [head, ...rows] = statisticsRows(statistics);
  const { vocabulary, expressionLengths, boxSides, boxShares, wordKinds, splits } = statistics;
  const table =
    `<div class="scroll"><table><thead><tr>${head!.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('')}</tr></thead><tbody>` +
    `${rows.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`;
  const cards = [
    card(
      'Expressions by split',
      rowChart(
        'Expressions by split',
        splits.map(({ split, expressions }) => ({
          label: split,
          value: expressions,
          text: expressions.toLocaleString('en'),
        })),
      ),
    ),
    card(
      'Words per expression',
      columnChart(
        'Words per expression',
        histogramBars(expressionLengths, (edge) => String(edge)),
      ),
    ),
    card(
      'Expressions that hold words for',
      rowChart(
        'Kinds of words',
        Object.entries(wordKinds).map(([label, value]) => ({ label, value, text: percent(value) })),
      ),
    ),
    card(
      `Most frequent of ${vocabulary.size.toLocaleString('en')} words (${vocabulary.once.toLocaleString('en')} occur once)`,
      rowChart(
        'Most frequent words',
        vocabulary.frequent
          .slice(0, 25)
          .map(({ word, count }) => ({ label: word, value: count, text: count.toLocaleString('en') })),
      ),
    ),
    card(
      'Box size: side of the square of equal area, pixels',
      columnChart(
        'Box sizes',
        histogramBars(boxSides, (edge) => `${edge}+`),
      ),
    ),
    boxShares.counts.some((count) => count > 0)
      ? card(
          'Box area, share of the image',
          columnChart(
            'Box shares',
            histogramBars(boxShares, (edge) => `${Math.round(edge * 100)} %+`),
          ),
        )
      : '',
  ];
  const said = notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('');
  return htmlPage(title, `${said}${table}<div class="plots">${cards.join('\n')}</div>`);
}

function histogramBars({ edges, counts }: Histogram, label: (edge: number) => string) {
  const last = counts.findLastIndex((count) => count > 0);
  return counts
    .slice(0, last + 1)
    .map((value, bin) => ({ label: label(edges[bin] as number), value, text: value.toLocaleString('en') }));
}

function card(title: string, chart: string): string {
  return `<section class="card"><h2>${escapeHtml(title)}</h2>${chart}</section>`;
}
