import { type Html, html } from './html.js';

/** An estimate with its interval, percent. */
export interface PlottedInterval {
  readonly name: string;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const [width, line] = [220, 12];
const toX = (percent: number) => Math.round((4 + (percent / 100) * (width - 8)) * 10) / 10;

/**
 * Estimates as dots with whiskers on a scale from 0 to 100 %, one below the other.
 *
 * @param firstColor  place of the first one's color; the others follow.
 */
export function renderInterval(intervals: readonly PlottedInterval[], firstColor = 0): Html {
  const height = line * intervals.length + 4;
  const label = intervals.map(({ name, estimate, low, high }) => {
    if (Number.isNaN(estimate)) return `${name}: none`;
    const range = Number.isNaN(low + high) ? 'how sure is not known' : `from ${low.toFixed(1)} to ${high.toFixed(1)}`;
    return `${name}: ${estimate.toFixed(1)} %, ${range}`;
  });
  return html`<svg class="interval" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label.join('; ')}"><title>${label.join('\n')}</title>
<line class="axis" x1="4" x2="${width - 4}" y1="${height - 2}" y2="${height - 2}"/>${[0, 25, 50, 75, 100].map(
    (tick) => html`<line class="grid-line" x1="${toX(tick)}" x2="${toX(tick)}" y1="0" y2="${height - 2}"/>`,
  )}${intervals.map(({ estimate, low, high }, i) => {
    const y = line * (i + 0.5) + 1;
    if (Number.isNaN(estimate)) return '';
    const whisker =
      Number.isFinite(low) &&
      Number.isFinite(high) &&
      html`<line class="whisker" x1="${toX(Math.max(0, low))}" x2="${toX(Math.min(100, high))}" y1="${y}" y2="${y}"/>`;
    return html`<g class="series-${(firstColor + i) % 6}">${whisker}<circle class="dot" cx="${toX(estimate)}" cy="${y}" r="4"/></g>`;
  })}</svg>`;
}
