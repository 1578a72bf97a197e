import { escapeHtml } from './html-page.js';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What a reader sees at the bar; default the value. */
  readonly text?: string;
}

const [width, height, bottom, top] = [360, 190, 24, 18];
const rowHeight = 19;

/** Upright bars for ordered values (a histogram), as an SVG element with a title for readers that do not see it. */
export function columnChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1e-9, ...bars.map(({ value }) => value));
  const step = width / Math.max(1, bars.length);
  // Labels need about 26 units; show every n-th where the columns are narrower.
  const every = Math.max(1, Math.ceil(26 / step));
  const parts = bars.map(({ label, value, text }, index) => {
    const barHeight = ((height - bottom - top) * value) / most;
    const x = index * step;
    const y = height - bottom - barHeight;
    const shown =
      index % every === 0
        ? `<text x="${number(x + step / 2)}" y="${height - 8}" text-anchor="middle">${escapeHtml(label)}</text>`
        : '';
    const hover = `<title>${escapeHtml(`${label}: ${text ?? value}`)}</title>`;
    return `<rect class="bar" x="${number(x + 1)}" y="${number(y)}" width="${number(Math.max(1, step - 2))}" height="${number(barHeight)}">${hover}</rect>${shown}`;
  });
  return svg(
    title,
    height,
    `${parts.join('')}<line class="axis" x1="0" x2="${width}" y1="${height - bottom}" y2="${height - bottom}"/><text x="0" y="11">most: ${escapeHtml(String(Math.round(most)))}</text>`,
  );
}

/** Lying bars for named values, in the order given. */
export function rowChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1e-9, ...bars.map(({ value }) => value));
  const [labelWidth, textWidth] = [118, 58];
  const parts = bars.map(({ label, value, text }, index) => {
    const y = index * rowHeight;
    const length = ((width - labelWidth - textWidth) * value) / most;
    return (
      `<text x="${labelWidth - 6}" y="${y + 13}" text-anchor="end">${escapeHtml(label.length > 18 ? `${label.slice(0, 17)}…` : label)}</text>` +
      `<rect class="bar" x="${labelWidth}" y="${y + 3}" width="${number(length)}" height="${rowHeight - 6}"/>` +
      `<text class="value" x="${number(labelWidth + length + 5)}" y="${y + 13}">${escapeHtml(text ?? String(value))}</text>`
    );
  });
  return svg(title, Math.max(rowHeight, bars.length * rowHeight), parts.join(''));
}

function svg(title: string, tall: number, content: string): string {
  return `<svg viewBox="0 0 ${width} ${tall}" width="100%" role="img" aria-label="${escapeHtml(title)}">${content}</svg>`;
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
