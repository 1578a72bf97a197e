import type { EvaluationSummary } from '../evaluation/summarize-evaluation.js';
import { type Html, html } from './html.js';
import type { ReportContent, ReportEntry } from './report-content.js';

const reasons: Readonly<Record<keyof EvaluationSummary['problems'], string>> = {
  'no-box': 'the model says that nothing fits, or gives no box',
  missing: 'no prediction for the expression',
  duplicate: 'several predictions for one expression',
  extra: 'a prediction for no known expression; adds to the denominator',
  'not-a-number': 'a coordinate is NaN or infinite',
  degenerate: 'a box without positive width and height',
};
const shownNames = 30;

/** What is not a plain answer, and what is unusual about the files; nothing when all is plain. */
export function renderAccounts({ entries }: ReportContent): Html | undefined {
  const parts = entries.map(renderEntry).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : html`${parts}`;
}

function renderEntry({ name, summary }: ReportEntry): Html | undefined {
  const problems = Object.entries(summary.problems).filter(([, { count }]) => count > 0);
  const notes = [
    summary.degenerateTruths > 0 && `${summary.degenerateTruths} empty truth boxes, which nothing can match`,
    summary.excluded > 0 && `${summary.excluded} expressions left out on request`,
    summary.otherSplits > 0 && `${summary.otherSplits} rows of other splits set aside`,
  ].filter((note) => note !== false);
  const recorded = summary.recorded?.differing ? summary.recorded : undefined;
  if (problems.length === 0 && notes.length === 0 && !recorded) return undefined;
  const rows = problems.map(([status, { count, names }]) => {
    const more = count > shownNames ? '; …' : '';
    return html`<tr><th scope="row">${status}</th><td>${count.toLocaleString('en-US')}</td><td class="names">${reasons[status as keyof typeof reasons]}
<details><summary>which</summary>${names.slice(0, shownNames).join('; ')}${more}</details></td></tr>`;
  });
  return html`<section class="card"><h3>${name}</h3>${
    rows.length > 0 &&
    html`<table class="accounts"><thead><tr><th scope="col">scored wrong</th><th scope="col">count</th><th scope="col">because</th></tr></thead><tbody>${rows}</tbody></table>`
  }${notes.length > 0 && html`<p>${notes.join('; ')}.</p>`}${recorded && renderRecorded(recorded)}</section>`;
}

function renderRecorded(recorded: NonNullable<EvaluationSummary['recorded']>): Html {
  const why = Object.entries(recorded.reasons).filter(([, count]) => count > 0);
  return html`<p>The IoU that the file records is not that of its boxes in ${recorded.differing} of ${recorded.compared.toLocaleString('en-US')} rows: ${why
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ')}.</p>${
    recorded.changes.length > 0 &&
    html`<table class="accounts"><thead><tr><th scope="col">verdict changes</th><th scope="col">recorded</th><th scope="col">boxes</th><th scope="col">because</th></tr></thead><tbody>${recorded.changes
      .slice(0, shownNames)
      .map(
        ({ key, recorded: iou, computed, reason }) =>
          html`<tr><th scope="row">${key}</th><td>${iou.toFixed(4)}</td><td>${computed.toFixed(4)}</td><td class="names">${reason}</td></tr>`,
      )}</tbody></table>`
  }`;
}
