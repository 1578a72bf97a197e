import { type Html, html } from './html.js';

/** One line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** In order of x. A point that is not finite is left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Uncertainty of y at each point. */
  readonly band?: readonly (readonly [low: number, high: number])[] | undefined;
}

/** Lines over a common x, as plain data. */
export interface LineChart {
  /** What the chart shows, for those who cannot see it. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Default: from the data; y begins at 0 when all of it is positive. */
  readonly xRange?: readonly [number, number] | undefined;
  readonly yRange?: readonly [number, number] | undefined;
  readonly series: readonly ChartSeries[];
  /** An x to point out, e.g. the threshold of the headline. */
  readonly mark?: number | undefined;
  /** Also draw y = x. */
  readonly diagonal?: boolean | undefined;
}

const [width, height] = [640, 320];
const margin = { left: 58, right: 14, top: 12, bottom: 44 };
/** Most points drawn of a line; more are averaged in groups, which no screen could tell apart. */
const mostPoints = 600;

/** Round numbers that divide a range into about five parts. */
export function axisTicks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function thinned(series: ChartSeries): ChartSeries {
  const finite = series.points.map(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const points = series.points.filter((_, i) => finite[i]);
  const band = series.band?.filter((_, i) => finite[i]);
  if (points.length <= mostPoints) return { ...series, points, band };
  const group = Math.ceil(points.length / mostPoints);
  const average = (pairs: readonly (readonly [number, number])[]) =>
    Array.from({ length: Math.ceil(pairs.length / group) }, (_, g): readonly [number, number] => {
      const part = pairs.slice(g * group, (g + 1) * group);
      const mean = (at: 0 | 1) => part.reduce((sum, pair) => sum + pair[at], 0) / part.length;
      return [mean(0), mean(1)];
    });
  return { ...series, points: average(points), band: band && average(band) };
}

function rangeOf(values: readonly number[], given: readonly [number, number] | undefined, fromZero: boolean) {
  if (given) return given;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(high >= low)) return [0, 1] as const;
  if (fromZero && low > 0) low = 0;
  return high > low ? ([low, high] as const) : ([low - 0.5, high + 0.5] as const);
}

/** The chart as SVG, with names and dash patterns beside the colors. Colors are those of the page. */
export function renderLineChart(chart: LineChart): Html {
  const series = chart.series.map(thinned);
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return html`<p>${chart.title}: nothing to draw.</p>`;
  const bands = series.flatMap(({ band }) => band?.flat().filter(Number.isFinite) ?? []);
  const [x0, x1] = rangeOf(
    points.map(([x]) => x),
    chart.xRange,
    false,
  );
  const [y0, y1] = rangeOf([...points.map(([, y]) => y), ...bands], chart.yRange, true);
  const round = (value: number) => Math.round(value * 10) / 10;
  const toX = (x: number) => round(margin.left + ((x - x0) / (x1 - x0)) * (width - margin.left - margin.right));
  const toY = (y: number) =>
    round(height - margin.bottom - ((y - y0) / (y1 - y0)) * (height - margin.top - margin.bottom));
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom];
  const grid = [
    ...axisTicks(y0, y1).map(
      (y) => html`<line class="grid-line" x1="${left}" x2="${right}" y1="${toY(y)}" y2="${toY(y)}"/>
<text x="${left - 8}" y="${toY(y) + 4}" text-anchor="end">${y}</text>`,
    ),
    ...axisTicks(x0, x1).map(
      (x) => html`<line class="grid-line" x1="${toX(x)}" x2="${toX(x)}" y1="${top}" y2="${bottom}"/>
<text x="${toX(x)}" y="${bottom + 18}" text-anchor="middle">${x}</text>`,
    ),
  ];
  const lines = series.map(({ name, points: own, band }, s) => {
    const at = (pairs: readonly (readonly [number, number])[]) =>
      pairs.map(([x, y]) => `${toX(x)},${toY(y)}`).join(' ');
    const hasBand = band?.every(([low, high]) => Number.isFinite(low) && Number.isFinite(high));
    const outline = hasBand
      ? [
          ...own.map(([x], i): [number, number] => [x, band![i]![1]]),
          ...own.map(([x], i): [number, number] => [x, band![i]![0]]).reverse(),
        ]
      : [];
    return html`<g class="series series-${s % 6}"><title>${name}</title>${
      outline.length > 0 && html`<polygon class="band" points="${at(outline)}"/>`
    }<polyline class="line" points="${at(own)}"/></g>`;
  });
  const mark =
    chart.mark !== undefined &&
    html`<line class="mark" x1="${toX(chart.mark)}" x2="${toX(chart.mark)}" y1="${top}" y2="${bottom}"/>`;
  const diagonal =
    chart.diagonal && html`<line class="mark" x1="${toX(x0)}" y1="${toY(x0)}" x2="${toX(x1)}" y2="${toY(x1)}"/>`;
  return html`<figure class="chart">${series.length > 1 && renderLegend(series.map(({ name }) => name))}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart.title}">${grid}
<text class="label" x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">${chart.xLabel}</text>
<text class="label" transform="rotate(-90)" x="${-(top + bottom) / 2}" y="14" text-anchor="middle">${chart.yLabel}</text>
${mark}${diagonal}${lines}</svg></figure>`;
}

/** Names beside the strokes that stand for them. */
export function renderLegend(names: readonly string[]): Html {
  return html`<ul class="legend">${names.map(
    (name, s) =>
      html`<li class="series-${s % 6}"><svg viewBox="0 0 30 10" aria-hidden="true"><line class="line" x1="1" x2="29" y1="5" y2="5"/></svg>${name}</li>`,
  )}</ul>`;
}
