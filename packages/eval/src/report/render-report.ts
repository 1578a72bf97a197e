import { wilsonInterval } from '../statistics/wilson-interval.js';
import type { ReportImage } from './gallery-case.js';
import { Html, html } from './html.js';
import { renderLineChart } from './line-chart.js';
import { renderAccounts } from './render-accounts.js';
import { renderBreakdowns } from './render-breakdowns.js';
import { renderCalibration } from './render-calibration.js';
import { renderComparisons } from './render-comparisons.js';
import { renderGallery } from './render-gallery.js';
import { renderHeadline } from './render-headline.js';
import { reportScript, reportStyle } from './report-assets.js';
import type { ReportContent, ReportSection } from './report-content.js';

/**
 * The report as one self-contained HTML page: nothing is fetched, and a content policy forbids it.
 *
 * @param images  image id → picture for the gallery; without one, boxes are drawn on an empty canvas.
 * @returns the text of the file.
 */
export function renderReport(content: ReportContent, images: ReadonlyMap<string, ReportImage> = new Map()): string {
  const parts: readonly (readonly [id: string, title: string, body: Html | undefined])[] = [
    ['headline', 'Accuracy', renderHeadline(content)],
    ...content.sections.map((section, i) => [`section-${i}`, section.title, renderSection(section)] as const),
    ['comparison', 'Side by side', renderComparisons(content)],
    ['thresholds', 'Accuracy over the IoU threshold', renderCurve(content)],
    ['breakdowns', 'Breakdowns', renderBreakdowns(content)],
    ['calibration', 'Calibration', renderCalibration(content)],
    ['accounts', 'Not plain answers', renderAccounts(content)],
    ['gallery', 'Cases', renderGallery(content, images)],
  ];
  const shown = parts.filter((part) => part[2] !== undefined);
  const linked = [...images.values()].some(({ source }) => !source.startsWith('data:'));
  const pictures = linked ? "data: file: http: https: 'self'" : 'data:';
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src ${pictures}`;
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${content.title}</title><style>${new Html(reportStyle)}</style></head>
<body><a class="skip" href="#headline">Skip to the figures</a>
<header><div><h1>${content.title}</h1>${content.note !== undefined && html`<p>${content.note}</p>`}</div>
<button type="button" id="theme" hidden>theme: system</button></header>
<nav class="contents" aria-label="Contents"><ol>${shown.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main>${shown.map(([id, title, body]) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`)}</main>
<footer><p>Intervals resample images, since expressions of one image stand or fall together: ${content.entries[0]!.summary.interval.resamples.toLocaleString('en-US')} resamples, seed ${content.entries[0]!.summary.interval.seed}. Missing, repeated, extra and unusable answers count as wrong. Written by @refclip/eval.</p></footer>
<script>${new Html(reportScript)}</script></body></html>
`;
  return page.text;
}

function renderSection({ text, table, chart }: ReportSection): Html {
  return html`${text !== undefined && html`<p>${text}</p>`}${
    table &&
    html`<div class="scroll"><table class="headline"><thead><tr>${table.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${table.rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
  }${chart && renderLineChart(chart)}`;
}

function renderCurve({ entries, threshold, comparator }: ReportContent): Html {
  const chart = renderLineChart({
    title: 'Accuracy over the IoU threshold',
    xLabel: `IoU threshold (${comparator})`,
    yLabel: 'accuracy, %',
    xRange: [0, 1],
    yRange: [0, 100],
    mark: threshold,
    series: entries.map(({ name, curve, summary }) => ({
      name,
      points: curve.thresholds.map((x, i) => [x, curve.accuracy[i]!] as const),
      band: curve.accuracy.map((y, i) => {
        const { low, high } = wilsonInterval(y, curve.standardError[i]!, summary.count);
        return [low, high] as const;
      }),
    })),
  });
  const { thresholds } = entries[0]!.curve;
  const listed = thresholds.flatMap((x, i) => (i % 2 === 0 && x >= 0.3 ? [i] : []));
  return html`${chart}<details><summary>as a table</summary><div class="scroll"><table class="headline"><thead><tr><th scope="col">IoU ${comparator}</th>${entries.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${listed.map((i) => html`<tr><th scope="row">${thresholds[i]!.toFixed(2)}</th>${entries.map(({ curve }) => html`<td>${curve.accuracy[i]!.toFixed(2)}</td>`)}</tr>`)}</tbody></table></div></details>
<p class="about">Bands are 95 % Wilson intervals by ${entries[0]?.summary.resampledBy ?? 'image'}; the dashed line is the threshold of the headline.</p>`;
}
