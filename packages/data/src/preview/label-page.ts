import { type XywhBox, xyxyToXywh } from '@refclip/structures';
import type { ImageFolder } from '../check/image-folder.js';
import type { SelectedLabel } from '../labels/select-labels.js';
import { escapeHtml, htmlPage } from '../pages/html-page.js';
import { pictureWithBoxes } from './picture-with-boxes.js';
import { sampleItems } from './sample-items.js';

export interface LabelPageOptions {
  readonly title: string;
  /** How many labels are shown. */
  readonly count: number;
  /** Which ones: equal seeds show equal labels. */
  readonly seed: number;
  /** Labels of all expressions, where `labels` holds not all of them: what is drawn dotted. Default `labels`. */
  readonly others?: readonly SelectedLabel[];
  /** The box that people drew for a record, image pixels, where it is known: drawn dashed, to look at and for nothing else. */
  readonly truth?: (record: number) => XywhBox | undefined;
  readonly notes?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

/** Orders of the page; the first is shown when it opens. */
const orders: readonly { readonly name: string; readonly title: string; readonly compare: Compare }[] = [
  { name: 'file', title: 'as in the file', compare: (a, b) => a.record - b.record || a.expression - b.expression },
  { name: 'low', title: 'lowest score', compare: (a, b) => a.similarity - b.similarity },
  { name: 'high', title: 'highest score', compare: (a, b) => b.similarity - a.similarity },
  { name: 'disagreement', title: 'most disagreement', compare: (a, b) => (a.agreement ?? 2) - (b.agreement ?? 2) },
  { name: 'margin', title: 'smallest margin', compare: (a, b) => a.margin - b.margin },
];

type Compare = (a: SelectedLabel, b: SelectedLabel) => number;

/**
 * A page of labels drawn at random, each over its image: the label's box, dotted the boxes of the other expressions of its record, dashed the annotated box
 * where it is known. A reader sorts it by score,
 * disagreement and margin; there is no script, the orders are style sheets. Everything is inside the one file.
 *
 * @param labels  those to draw from.
 */
export async function labelPage(
  labels: readonly SelectedLabel[],
  folder: ImageFolder,
  { title, count, seed, others = labels, truth, notes = [], onProgress }: LabelPageOptions,
): Promise<string> {
  const chosen = sampleItems(labels, count, seed);
  const records = new Set(chosen.map(({ record }) => record));
  const byRecord = new Map<number, SelectedLabel[]>([...records].map((record) => [record, []]));
  for (const label of others) byRecord.get(label.record)?.push(label);
  const places = orders.map(({ compare }) => {
    const sorted = [...chosen].sort(compare);
    return new Map(sorted.map((label, place) => [label, place]));
  });
  const cards: string[] = [];
  for (const label of chosen) {
    const variables = orders.map(({ name }, at) => `--${name}:${places[at]?.get(label)}`).join(';');
    cards.push(await card(label, byRecord.get(label.record) ?? [], truth?.(label.record), variables, folder));
    onProgress?.(cards.length, chosen.length);
  }
  const said = [`${chosen.length} of ${labels.length.toLocaleString('en')} labels.`, ...notes]
    .map((note) => `<p class="note">${escapeHtml(note)}</p>`)
    .join('');
  const legend = [
    swatch('', 'the label'),
    swatch('aside', 'what the other expressions of the object got'),
    ...(truth ? [swatch('truth', 'annotated by people, shown for comparison')] : []),
  ].join('');
  const buttons = orders.map(
    ({ name, title: text }, at) =>
      `<label><input type="radio" name="order" id="by-${name}"${at ? '' : ' checked'}> ${escapeHtml(text)}</label>`,
  );
  const rules = orders.map(({ name }) => `body:has(#by-${name}:checked) .card { order: var(--${name}); }`).join('\n');
  return htmlPage(
    title,
    `<style>.picture rect.aside { stroke-width: 1.5; stroke-dasharray: 2 3; opacity: .8; } .picture rect.truth { stroke: #35d07f; stroke-width: 2.5; stroke-dasharray: 9 5; } .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .6rem 0 0; } .legend span { display: inline-flex; align-items: center; gap: .5rem; } .legend .picture { flex: none; width: 44px; height: 26px; background: #223; } .legend rect.aside { opacity: 1; } fieldset.orders { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; border: 1px solid var(--line); border-radius: 8px; padding: .5rem 1rem; margin: 1rem 0 0; }\n${rules}</style>` +
      `${said}<p class="legend">${legend}</p><fieldset class="orders"><legend>Sort by</legend>${buttons.join('')}</fieldset><div class="grid">${cards.join('\n')}</div>`,
  );
}

/** A part of the legend: a box as it is drawn, and what it means. */
function swatch(kind: string, meaning: string): string {
  const box = `<rect${kind ? ` class="${kind}"` : ''} x="4" y="4" width="36" height="18"/>`;
  return `<span><span class="picture"><svg viewBox="0 0 44 26" aria-hidden="true">${box}</svg></span>${escapeHtml(meaning)}</span>`;
}

async function card(
  label: SelectedLabel,
  ofRecord: readonly SelectedLabel[],
  truth: XywhBox | undefined,
  variables: string,
  folder: ImageFolder,
): Promise<string> {
  const others = ofRecord.filter(({ expression }) => expression !== label.expression);
  const boxes = [
    { box: xyxyToXywh(label.box) },
    ...others.map(({ box }) => ({ box: xyxyToXywh(box), kind: 'aside' as const })),
    ...(truth ? [{ box: truth, kind: 'truth' as const }] : []),
  ];
  const texts = [label, ...others].map(
    ({ text }, at) => `<li>${at ? escapeHtml(text) : `<strong>${escapeHtml(text)}</strong>`}</li>`,
  );
  const number = (value: number) => String(Number(value.toPrecision(3)));
  const scores =
    `score ${number(label.similarity)} · margin ${number(label.margin)} · objectness ${number(label.objectness)}, ` +
    `rank ${label.rank} · ${label.agreement === null ? 'the only expression of its object' : `agreement ${number(label.agreement)}`}`;
  return (
    `<figure class="card" style="${variables}">${await pictureWithBoxes(label.image, boxes, folder)}` +
    `<ul class="expressions">${texts.join('')}</ul><p class="meta">${escapeHtml(scores)}</p>` +
    `<p class="meta">${escapeHtml(`record ${label.record} · image ${label.image}`)}</p></figure>`
  );
}
