import type { EvaluationSummary } from '../evaluation/summarize-evaluation.js';
import { type Html, html } from './html.js';
import { renderInterval } from './render-interval.js';
import type { ReportContent, ReportEntry } from './report-content.js';

/** Percent with one decimal, a dash for nothing. */
export const percent = (value: number | undefined, digits = 1) =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);

const whole = (value: number) => value.toLocaleString('en-US');

/** Figures that are there for at least one entry, as name, explanation and text. */
interface Figure {
  readonly name: string;
  readonly about: string;
  readonly of: (summary: EvaluationSummary) => string | undefined;
}

const fixed = (value: number | undefined, digits: number) =>
  value === undefined || Number.isNaN(value) ? undefined : value.toFixed(digits);

const figures: readonly Figure[] = [
  { name: 'expressions', about: 'the denominator', of: ({ count }) => whole(count) },
  { name: 'mean IoU', about: '0 where there is no usable answer', of: ({ meanIou }) => fixed(meanIou, 3) },
  {
    name: '0.5:0.95 average',
    about: 'mean accuracy at ten thresholds, %',
    of: ({ averageAccuracy }) => fixed(averageAccuracy, 1),
  },
  {
    name: 'center in truth',
    about: 'the box has its center in the annotated one, %',
    of: ({ centerAccuracy }) => fixed(centerAccuracy, 1),
  },
  {
    name: 'mean over images',
    about: 'every image weighs the same, %',
    of: ({ perImageAccuracy }) => fixed(perImageAccuracy, 1),
  },
  {
    name: 'mean over categories',
    about: 'every category weighs the same, %',
    of: ({ perCategoryAccuracy }) => fixed(perCategoryAccuracy, 1),
  },
  { name: 'top 5', about: 'a right box among the first five, %', of: ({ topK }) => fixed(topK?.['5'], 1) },
  { name: 'top 10', about: 'a right box among the first ten, %', of: ({ topK }) => fixed(topK?.['10'], 1) },
  {
    name: 'calibration error',
    about: 'expected |confidence − accuracy|',
    of: ({ calibration }) => fixed(calibration?.expectedCalibrationError, 3),
  },
  { name: 'F1 = 1', about: 'generalized REC, %', of: ({ generalized }) => fixed(generalized?.perfect, 1) },
  {
    name: 'no-target accuracy',
    about: 'generalized REC, %',
    of: ({ generalized }) => fixed(generalized?.noTargetAccuracy, 1),
  },
  { name: 'mask mIoU', about: 'mean of the masks’ IoUs', of: ({ masks }) => fixed(masks?.meanIou, 3) },
  { name: 'mask oIoU', about: 'intersections over unions', of: ({ masks }) => fixed(masks?.overallIou, 3) },
];

/** The accuracy that everything is about, how sure it is, and the other figures. */
export function renderHeadline({ entries, threshold, comparator }: ReportContent): Html {
  const what = `accuracy, % of expressions with IoU ${comparator} ${threshold}`;
  const shown = figures.filter(({ of }) => entries.some(({ summary }) => of(summary) !== undefined));
  const [only] = entries;
  if (entries.length === 1) {
    const { interval, resampledBy } = only!.summary;
    return html`<div class="hero"><p class="hero-figure"><span class="hero-number">${percent(interval.estimate)}<small>%</small></span>
<span class="hero-interval">${100 * interval.level} % interval by ${resampledBy} ${percent(interval.low)} – ${percent(interval.high)}</span></p>
${renderInterval([{ ...interval, name: only!.name }])}<p class="hero-caption">${what}</p></div>
<dl class="figures">${shown.map(
      ({ name, about, of }) =>
        html`<div><dt>${name}</dt><dd>${of(only!.summary) ?? '–'}</dd><dd class="about">${about}</dd></div>`,
    )}</dl>`;
  }
  return html`<div class="scroll"><table class="headline"><caption><span>${what}, with ${100 * only!.summary.interval.level} % intervals by ${only!.summary.resampledBy}</span></caption>
<thead><tr><th scope="col">file</th><th scope="col">accuracy</th><th scope="col">interval</th><th class="plot" scope="col"><span class="visually-hidden">plot</span></th>${shown.map(
    ({ name, about }) => html`<th scope="col" title="${about}">${name}</th>`,
  )}</tr></thead>
<tbody>${entries.map((entry, e) => renderRow(entry, e, shown))}</tbody></table></div>`;
}

function renderRow({ name, summary }: ReportEntry, place: number, shown: readonly Figure[]): Html {
  const { interval } = summary;
  return html`<tr><th scope="row"><span class="swatch series-${place % 6}"></span>${name}</th><td class="strong">${percent(interval.estimate)}</td>
<td>${percent(interval.low)} – ${percent(interval.high)}</td><td class="plot">${renderInterval([{ ...interval, name }], place)}</td>${shown.map(
    ({ of }) => html`<td>${of(summary) ?? '–'}</td>`,
  )}</tr>`;
}
