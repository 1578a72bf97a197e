import { readFile } from 'node:fs/promises';
import { type EvaluationItem, writeAtomically } from '@refclip/app-shared';
import type { PredictionRecord } from '@refclip/eval';
import { boxIou, type XyxyBox } from '@refclip/structures';
import sharp from 'sharp';
import type { SplitEvaluation } from '../evaluation/evaluate-split.js';

/** Pictures shown per split. */
const shownPerSplit = 24;
/** Longer side of a picture in the page, pixels. */
const thumbnail = 320;

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** One self-contained page: accuracies beside the baselines, the loss over steps, and answers with the annotated boxes. */
export async function writeReport(
  file: string,
  name: string,
  splits: readonly SplitEvaluation[],
  items: ReadonlyMap<string, readonly EvaluationItem[]>,
  logFile: string,
): Promise<void> {
  const rows = splits.map(({ split, accuracy, count, baselines }) => {
    const cells = [accuracy, baselines?.randomAnchor, baselines?.mostConfident, baselines?.bestAnchor].map(
      (value) => `<td>${value?.toFixed(1) ?? '–'}</td>`,
    );
    return `<tr><th>${escapeHtml(split)}</th>${cells.join('')}<td>${count}</td></tr>`;
  });
  const galleries = await Promise.all(splits.map((split) => gallery(split, items.get(split.split) ?? [])));
  const losses = await lossesOf(logFile);
  await writeAtomically(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(name)}</title><style>${style}</style>
<h1>${escapeHtml(name)}</h1>
<table><caption>Accuracy, % of expressions with IoU &gt; 0.5</caption>
<tr><th></th><th>model</th><th>random anchor</th><th>most confident</th><th>best anchor (bound)</th><th>expressions</th></tr>${rows.join('')}</table>
<h2>Loss</h2>${lossChart(losses)}
${galleries.join('')}</html>`,
  );
}

const style = `
:root{color-scheme:light dark;--line:#8886;--right:#009e73;--wrong:#d55e00}
body{font:16px/1.45 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}caption{text-align:left;padding-bottom:.4rem}th,td{padding:.3rem .8rem;border-bottom:1px solid var(--line);text-align:right}th:first-child{text-align:left}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:1rem}
figure{margin:0}figure svg{width:100%;height:auto;display:block}figcaption{font-size:.9rem}
.right{border-left:4px solid var(--right);padding-left:.5rem}.wrong{border-left:4px solid var(--wrong);padding-left:.5rem}
@media print{.gallery{grid-template-columns:repeat(4,1fr)}figure{break-inside:avoid}}`;

async function gallery({ split, predictions }: SplitEvaluation, items: readonly EvaluationItem[]): Promise<string> {
  const step = Math.max(1, Math.floor(predictions.length / shownPerSplit));
  const shown = predictions.filter((_, at) => at % step === 0).slice(0, shownPerSplit);
  const byId = new Map(items.map((item) => [item.id, item]));
  const figures = await Promise.all(
    shown.map((prediction) => figure(prediction, byId.get(String(prediction.id)) as EvaluationItem)),
  );
  return `<h2>${escapeHtml(split)}</h2><p>Every ${step === 1 ? '' : `${step}th `}answer: orange is the answer, dashed black and white the annotation.</p><div class="gallery">${figures.join('')}</div>`;
}

async function figure(prediction: PredictionRecord, item: EvaluationItem): Promise<string> {
  const { width = 1, height = 1 } = prediction;
  const box = prediction.box as unknown as XyxyBox;
  const iou = boxIou(box, item.truth);
  const picture = await sharp(item.file)
    .rotate()
    .resize(thumbnail, thumbnail, { fit: 'inside' })
    .jpeg({ quality: 80 })
    .toBuffer();
  const line = Math.max(width, height) / 100;
  const rectangle = ([x1, y1, x2, y2]: XyxyBox, attributes: string) =>
    `<rect x="${x1}" y="${y1}" width="${Math.max(0, x2 - x1)}" height="${Math.max(0, y2 - y1)}" fill="none" stroke-width="${line}" ${attributes}/>`;
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(item.expression)}">
<image href="data:image/jpeg;base64,${picture.toString('base64')}" width="${width}" height="${height}"/>
${rectangle(item.truth, 'stroke="#fff"')}${rectangle(item.truth, `stroke="#000" stroke-dasharray="${2 * line}"`)}${rectangle(box, 'stroke="#e69f00"')}</svg>
<figcaption class="${iou > 0.5 ? 'right' : 'wrong'}">${escapeHtml(item.expression)}<br>IoU ${iou.toFixed(2)}, confidence ${(prediction.confidence ?? 0).toFixed(2)}</figcaption></figure>`;
}

async function lossesOf(logFile: string): Promise<number[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const entries = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { step?: number; loss?: number });
  return entries.flatMap(({ step, loss }) => (step !== undefined && loss !== undefined ? [loss] : []));
}

function lossChart(losses: readonly number[]): string {
  if (losses.length < 2) return '<p>No steps were taken.</p>';
  const [width, height] = [900, 200];
  const top = Math.max(...losses);
  const points = losses.map(
    (loss, at) => `${((at * width) / (losses.length - 1)).toFixed(1)},${(height - (height * loss) / top).toFixed(1)}`,
  );
  return `<svg viewBox="-50 -10 ${width + 60} ${height + 40}" role="img" aria-label="loss over steps"><g font-size="13" fill="currentColor"><text x="-45" y="8">${top.toFixed(2)}</text><text x="-45" y="${height}">0</text><text x="0" y="${height + 20}">step 1</text><text x="${width}" y="${height + 20}" text-anchor="end">step ${losses.length}</text></g><line x1="0" x2="${width}" y1="${height}" y2="${height}" stroke="currentColor" stroke-opacity="0.4"/><polyline points="${points.join(' ')}" fill="none" stroke="#0072b2" stroke-width="1.5"/></svg>`;
}
