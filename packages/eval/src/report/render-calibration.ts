import type { Calibration } from '../metrics/compute-calibration.js';
import { type Html, html } from './html.js';
import { renderLineChart } from './line-chart.js';
import { percent } from './render-headline.js';
import type { ReportContent } from './report-content.js';

/** How far the confidences can be taken at their word; nothing when no file has any. */
export function renderCalibration({ entries }: ReportContent): Html | undefined {
  const known = entries.flatMap(({ name, summary: { calibration } }) => (calibration ? [{ name, calibration }] : []));
  if (known.length === 0) return undefined;
  const chart = renderLineChart({
    title: 'Fraction of right answers over the confidence',
    xLabel: 'confidence',
    yLabel: 'fraction right',
    xRange: [0, 1],
    yRange: [0, 1],
    diagonal: true,
    series: known.map(({ name, calibration }) => ({
      name,
      points: calibration.bins.map((bin) => [bin.confidence, bin.accuracy] as const),
    })),
  });
  return html`<div class="columns"><div>${chart}</div><div>${known.map(({ name, calibration }, series) => renderTable(name, calibration, series))}</div></div>
<p class="about">On the dashed diagonal a confidence is the chance of being right; below it the model is too sure of itself.</p>`;
}

/** @param series  the place of its line in the chart, whose color the bars have. */
function renderTable(name: string, calibration: Calibration, series: number): Html {
  const { expectedCalibrationError: expected, maximumCalibrationError: largest, brierScore, bins } = calibration;
  const most = Math.max(...bins.map(({ count }) => count));
  return html`<table class="breakdown"><caption>${name}: expected calibration error ${expected.toFixed(3)}, largest ${largest.toFixed(3)}, Brier score ${brierScore.toFixed(3)}, ${calibration.count.toLocaleString('en-US')} answers</caption>
<thead><tr><th scope="col">confidence</th><th scope="col">mean</th><th scope="col">right, %</th><th scope="col">count</th><th class="plot" scope="col"><span class="visually-hidden">share</span></th></tr></thead>
<tbody>${bins.map(
    ({ low, high, count, confidence, accuracy }) =>
      html`<tr><th scope="row">${low.toFixed(1)} – ${high.toFixed(1)}</th><td>${count ? confidence.toFixed(3) : '–'}</td><td>${percent(100 * accuracy)}</td><td>${count.toLocaleString('en-US')}</td><td class="plot"><span class="bar series-${series % 6}" style="width:${((100 * count) / most).toFixed(1)}%"></span></td></tr>`,
  )}</tbody></table>`;
}
