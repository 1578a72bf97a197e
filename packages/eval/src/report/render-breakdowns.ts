import type { BreakdownRow } from '../evaluation/break-down.js';
import { wilsonInterval } from '../statistics/wilson-interval.js';
import { type Html, html } from './html.js';
import { renderLegend } from './line-chart.js';
import { percent } from './render-headline.js';
import { renderInterval } from './render-interval.js';
import type { ReportContent } from './report-content.js';

const byNumber = new Intl.Collator('en', { numeric: true }).compare;
/** Rows of one property that are shown at once; the rest unfolds. */
const shownRows = 12;

/** Accuracy by every property in which the expressions differ, the files beside each other. */
export function renderBreakdowns({ entries }: ReportContent): Html {
  const names = [...new Set(entries.flatMap(({ summary }) => summary.breakdowns.map(({ name }) => name)))].filter(
    (name) => labelsOf(name, entries).length > 1,
  );
  if (names.length === 0) return html`<p>Nothing is known of the expressions in which they differ.</p>`;
  return html`${entries.length > 1 && renderLegend(entries.map(({ name }) => name))}
<div class="breakdowns">${names.map((name) => renderBreakdown(name, entries))}</div>
<p class="about">Dots are accuracies in percent, whiskers 95 % Wilson intervals that take images for independent, not expressions. A line on its own can differ by chance: there are many of them.</p>`;
}

function labelsOf(name: string, entries: ReportContent['entries']): readonly string[] {
  const rows = entries.flatMap(({ summary }) => summary.breakdowns.find((one) => one.name === name)?.rows ?? []);
  const labels = [...new Set(rows.map(({ label }) => label))];
  // Each file has its rows in order; the labels of several are put in order again. Categories stand by their counts.
  return entries.length === 1 || name === 'category' ? labels : labels.sort(byNumber);
}

function renderBreakdown(name: string, entries: ReportContent['entries']): Html {
  const tables = entries.map(({ summary }) => summary.breakdowns.find((one) => one.name === name)?.rows ?? []);
  const rows = labelsOf(name, entries).map((label) => renderRow(label, tables, entries));
  const table = (some: readonly Html[]) => html`<table class="breakdown">
<thead><tr><th scope="col">${name}</th><th scope="col">count</th>${entries.map(
    (entry, e) =>
      html`<th scope="col">${entries.length > 1 && html`<span class="swatch series-${e % 6}" title="${entry.name}"></span>`}%</th>`,
  )}<th class="plot" scope="col"><span class="visually-hidden">plot</span></th></tr></thead><tbody>${some}</tbody></table>`;
  return html`<section class="card">${table(rows.slice(0, shownRows))}${
    rows.length > shownRows &&
    html`<details><summary>${rows.length - shownRows} more</summary>${table(rows.slice(shownRows))}</details>`
  }</section>`;
}

function renderRow(
  label: string,
  tables: readonly (readonly BreakdownRow[])[],
  entries: ReportContent['entries'],
): Html {
  const found = tables.map((rows) => rows.find((row) => row.label === label));
  const counts = [...new Set(found.flatMap((row) => (row ? [row.count] : [])))];
  const plotted = found.map((row, e) => {
    const { name } = entries[e]!;
    const estimate = row?.accuracy ?? Number.NaN;
    return { name, estimate, ...wilsonInterval(estimate, row?.standardError ?? Number.NaN, row?.count ?? 0) };
  });
  return html`<tr><th scope="row">${label}</th><td>${counts.map((count) => count.toLocaleString('en-US')).join(' / ')}</td>${found.map(
    (row) => html`<td>${percent(row?.accuracy)}</td>`,
  )}<td class="plot">${renderInterval(plotted)}</td></tr>`;
}
