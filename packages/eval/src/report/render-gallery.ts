import { galleryOrders } from './filter-gallery.js';
import type { GalleryCase, ReportImage, Verdict } from './gallery-case.js';
import { type Html, html, jsonForScript } from './html.js';
import type { ReportContent } from './report-content.js';

/** What the page's script reads. */
export interface GalleryData {
  readonly entries: readonly string[];
  readonly cases: readonly GalleryCase[];
  /** Image id → picture. */
  readonly images: Readonly<Record<string, ReportImage>>;
  readonly generalized: boolean;
}

const chips: readonly (readonly [Verdict, string])[] = [
  ['right', '✓ right'],
  ['near', '≈ near miss'],
  ['wrong', '✗ wrong'],
  ['none', '– no answer'],
];

const options = (values: readonly string[]) => values.map((value) => html`<option>${value}</option>`);

/** Distinct values, sorted as people count. */
function distinct(values: readonly (string | undefined)[]): readonly string[] {
  const numeric = new Intl.Collator('en', { numeric: true }).compare;
  return [...new Set(values.flatMap((value) => (value ? [value] : [])))].sort(numeric);
}

/** The frame of the gallery; the page's script fills it from the data beside it. Nothing when there are no cases. */
export function renderGallery(content: ReportContent, images: ReadonlyMap<string, ReportImage>): Html | undefined {
  const { gallery, galleryFrom, galleryWithout, entries, threshold } = content;
  if (gallery.length === 0) return undefined;
  const data: GalleryData = {
    entries: entries.map(({ name }) => name),
    cases: gallery,
    images: Object.fromEntries(
      [...new Set(gallery.map(({ imageId }) => imageId))].flatMap((id) => {
        const image = images.get(id);
        return image ? [[id, image]] : [];
      }),
    ),
    generalized: entries.some(({ summary }) => summary.generalized !== undefined),
  };
  const [splits, categories] = [
    distinct(gallery.map(({ split }) => split)),
    distinct(gallery.map(({ category }) => category)),
  ];
  const choice = (name: string, label: string, values: readonly string[]) =>
    values.length > 1 &&
    html`<label>${label} <select name="${name}"><option value="">all</option>${options(values)}</select></label>`;
  const sample =
    galleryFrom > gallery.length
      ? `${gallery.length} of ${galleryFrom.toLocaleString('en-US')} expressions, drawn evenly from all outcomes: their shares here are not those of the file.`
      : galleryWithout > 0
        ? `${galleryFrom.toLocaleString('en-US')} expressions.`
        : 'All expressions.';
  const without =
    galleryWithout > 0 &&
    ` ${galleryWithout.toLocaleString('en-US')} others are left out: their images are not at hand.`;
  return html`<p>${sample}${without} A near miss is wrong, with an IoU of at least ${threshold / 2}.</p>
<form class="filters" id="filters" role="search" aria-label="Filter the cases">
<label class="search">search <input type="search" name="text" placeholder="words, image, id" autocomplete="off"></label>
${entries.length > 1 && html`<label>verdicts of <select name="entry">${entries.map(({ name }, e) => html`<option value="${e}">${name}</option>`)}</select></label>`}
<fieldset><legend class="visually-hidden">verdict</legend>${chips.map(
    ([verdict, label]) =>
      html`<label class="chip ${verdict}"><input type="checkbox" name="verdict" value="${verdict}"><span>${label} <b></b></span></label>`,
  )}${content.comparisons.length > 0 && html`<label class="chip"><input type="checkbox" name="disagreeing"><span>files disagree <b></b></span></label>`}</fieldset>
${choice('split', 'split', splits)}${choice('category', 'category', categories)}
<label>order <select name="order">${Object.entries(galleryOrders).map(([name, label]) => html`<option value="${name}">${label}</option>`)}</select></label>
<button type="reset">reset</button></form>
<div class="gallery-bar"><p id="shown" role="status"></p>
<p class="key"><span class="key-truth"></span> annotated ${entries.map(
    ({ name }, e) => html`<span class="key-answer series-${e % 6}"></span> ${entries.length > 1 ? name : 'predicted'} `,
  )}</p><p class="keys">Keys: <kbd>/</kbd> search · arrows move · <kbd>Enter</kbd> enlarges · <kbd>Esc</kbd> closes</p></div>
<ul class="cases" id="cases" aria-label="Cases"></ul>
<nav class="pages" aria-label="Pages of the gallery"><button type="button" id="previous-page">← previous</button> <span id="page"></span> <button type="button" id="next-page">next →</button></nav>
<dialog id="enlarged" aria-label="Enlarged case"><div id="enlarged-case"></div>
<p class="dialog-bar"><button type="button" id="previous-case">← previous</button><button type="button" id="next-case">next →</button><button type="button" id="close-case">close</button></p></dialog>
<noscript><p>The gallery needs scripts; everything above does not.</p></noscript>
<script type="application/json" id="gallery-data">${jsonForScript(data)}</script>`;
}
