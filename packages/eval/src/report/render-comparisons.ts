import { type Html, html } from './html.js';
import { percent } from './render-headline.js';
import type { ReportComparison, ReportContent } from './report-content.js';

const pValue = (p: number) => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

/** Files of the same expressions side by side; nothing when there are none. */
export function renderComparisons({ comparisons, entries }: ReportContent): Html | undefined {
  if (comparisons.length === 0) return undefined;
  return html`${comparisons.map((pair) => renderComparison(pair, entries))}${
    comparisons.length > 1 &&
    html`<p class="about">With ${comparisons.length} comparisons, the smallest p below ${(0.05 / comparisons.length).toFixed(3)} is needed for the usual 5 % of them all together (Bonferroni).</p>`
  }`;
}

function renderComparison({ first, second, comparison }: ReportComparison, entries: ReportContent['entries']): Html {
  const [a, b] = [entries[first]!.name, entries[second]!.name];
  const { difference, resampledBy, mcnemar, count, shared } = comparison;
  const size = Math.abs(difference.estimate);
  const [better, worse] = difference.estimate < 0 ? [b, a] : [a, b];
  const certain = difference.low > 0 || difference.high < 0;
  const verdict =
    size === 0
      ? html`Both answer the same share of the expressions.`
      : html`<strong>${better}</strong> answers ${percent(size, 2)} percent points more than <strong>${worse}</strong>${
          certain ? '' : ', which can be chance'
        }.`;
  return html`<section class="card comparison"><h3>${a} and ${b}</h3><p class="verdict">${verdict}</p>
<p>Difference ${percent(difference.estimate, 2)}, ${100 * difference.level} % interval ${percent(difference.low, 2)} to ${percent(difference.high, 2)}, ${pValue(difference.pValue)} (paired bootstrap by ${resampledBy}); McNemar, exact, expressions taken for independent: ${pValue(mcnemar.pValue)}.
${count.toLocaleString('en-US')} expressions, ${shared.toLocaleString('en-US')} in both.</p>
<table class="agreement"><thead><tr><td></td><th scope="col">${b} right</th><th scope="col">${b} wrong</th></tr></thead>
<tbody><tr><th scope="row">${a} right</th><td>${mcnemar.both.toLocaleString('en-US')}</td><td class="strong">${mcnemar.onlyFirst.toLocaleString('en-US')}</td></tr>
<tr><th scope="row">${a} wrong</th><td class="strong">${mcnemar.onlySecond.toLocaleString('en-US')}</td><td>${mcnemar.neither.toLocaleString('en-US')}</td></tr></tbody></table></section>`;
}
