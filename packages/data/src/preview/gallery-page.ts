import type { ImageFolder } from '../check/image-folder.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { escapeHtml, htmlPage } from '../pages/html-page.js';
import { pictureWithBoxes } from './picture-with-boxes.js';
import { sampleItems } from './sample-items.js';

export interface GalleryOptions {
  readonly title: string;
  /** How many records are shown. */
  readonly count: number;
  /** Which ones: equal seeds show equal records. */
  readonly seed: number;
  readonly notes?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * A page of images with their boxes and expressions, drawn at random over all splits, everything inside the one file.
 * Images that are missing or broken are shown as such.
 */
export async function galleryPage(splits: SplitRecords, folder: ImageFolder, options: GalleryOptions): Promise<string> {
  const { title, count, seed, notes = [], onProgress } = options;
  const all: { split: string; index: number; record: ReferringRecord }[] = [];
  for (const [split, records] of splits)
    for (const [index, record] of records.entries()) all.push({ split, index, record });
  const chosen = sampleItems(all, count, seed);
  const cards: string[] = [];
  for (const { split, index, record } of chosen) {
    const expressions = record.expressions.map((text) => `<li>${escapeHtml(text)}</li>`).join('');
    const meta = `${split} ${index} · image ${record.image}${record.box ? ` · [${record.box.map((value) => Math.round(value * 100) / 100).join(', ')}]` : ' · no box'}`;
    cards.push(
      `<figure class="card">${await pictureWithBoxes(record.image, record.box ? [{ box: record.box }] : [], folder)}<ul class="expressions">${expressions}</ul><p class="meta">${escapeHtml(meta)}</p></figure>`,
    );
    onProgress?.(cards.length, chosen.length);
  }
  const said = [`${chosen.length} of ${all.length.toLocaleString('en')} records.`, ...notes]
    .map((note) => `<p class="note">${escapeHtml(note)}</p>`)
    .join('');
  return htmlPage(title, `${said}<div class="grid">${cards.join('\n')}</div>`);
}
