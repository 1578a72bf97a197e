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
    (name) => entries.some((entry) => labelsOf(name, [entry]).length > 1),
  );
  if (names.length === 0) return html`<p>Nothing is known of the expressions in which they differ.</p>`;
  return html`${entries.length > 1 && renderLegend(entries.map(({ name }) => name))}
<div class="breakdowns">${names.map((name) => renderBreakdown(name, entries))}</div>
<p class="about">Dots are accuracies in percent, whiskers 95 % Wilson intervals that take images for independent, not expressions. A line on its own can differ by chance: there are many of them.${entries.length > 1 && ' Small numbers below a figure count its expressions.'}</p>`;
}

function labelsOf(name: string, entries: ReportContent['entries']): readonly string[] {
  const rows = entries.flatMap(({ summary }) => summary.breakdowns.find((one) => one.name === name)?.rows ?? []);
  const labels = [...new Set(rows.map(({ label }) => label))];
  // Each file has its rows in order; the labels of several are put in order again. Categories stand by their counts.
  return entries.length === 1 || name === 'category' ? labels : labels.sort(byNumber);
}

function renderBreakdown(name: string, entries: ReportContent['entries']): Html {
  const tables = entries.map(({ summary }) => summary.breakdowns.find((one) => one.name === name)?.rows ?? []);
  const labels = labelsOf(name, entries);
  const found = labels.map((label) => tables.map((rows) => rows.find((row) => row.label === label)));
  // Files of the same expressions have one count; those of others get theirs below each figure.
  const common = found.every((row) => new Set(row.flatMap((cell) => (cell ? [cell.count] : []))).size === 1);
  const rows = labels.map((label, i) => renderRow(label, found[i]!, entries, common));
  const table = (some: readonly Html[]) => html`<table class="breakdown">
<thead><tr><th scope="col">${name}</th>${common && html`<th scope="col">count</th>`}${entries.map(
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
  found: readonly (BreakdownRow | undefined)[],
  entries: ReportContent['entries'],
  common: boolean,
): Html {
  const plotted = found.map((row, e) => {
    const { name } = entries[e]!;
    const estimate = row?.accuracy ?? Number.NaN;
    return { name, estimate, ...wilsonInterval(estimate, row?.standardError ?? Number.NaN, row?.count ?? 0) };
  });
  const count = (row: BreakdownRow | undefined) => (row?.count ?? 0).toLocaleString('en-US');
  return html`<tr><th scope="row">${label}</th>${common && html`<td>${count(found.find((row) => row))}</td>`}${found.map(
    (row) => html`<td>${percent(row?.accuracy)}${!common && html`<small>${count(row)}</small>`}</td>`,
  )}<td class="plot">${renderInterval(plotted)}</td></tr>`;
}
