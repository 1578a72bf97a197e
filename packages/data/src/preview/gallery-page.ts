import { basename } from 'node:path';
import { RefclipError } from '@refclip/structures';
import type { ImageFolder } from '../check/image-folder.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { decoding, openImage } from '../images/open-image.js';
import { escapeHtml, htmlPage } from '../pages/html-page.js';

export interface GalleryOptions {
  readonly title: string;
  /** How many records are shown. */
  readonly count: number;
  /** Which ones: equal seeds show equal records. */
  readonly seed: number;
  readonly notes?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

const thumbnailWidth = 480;

/**
 * A page of images with their boxes and expressions, drawn at random over all splits, everything inside the one file.
 * Images that are missing or broken are shown as such.
 */
export async function galleryPage(splits: SplitRecords, folder: ImageFolder, options: GalleryOptions): Promise<string> {
  const { title, count, seed, notes = [], onProgress } = options;
  const all: { split: string; index: number; record: ReferringRecord }[] = [];
  for (const [split, records] of splits)
    for (const [index, record] of records.entries()) all.push({ split, index, record });
  const chosen = sample(all, count, seed);
  const cards: string[] = [];
  for (const { split, index, record } of chosen) {
    const expressions = record.expressions.map((text) => `<li>${escapeHtml(text)}</li>`).join('');
    const meta = `${split} ${index} · image ${record.image}${record.box ? ` · [${record.box.map((value) => Math.round(value * 100) / 100).join(', ')}]` : ' · no box'}`;
    cards.push(
      `<figure class="card">${await picture(record, folder)}<ul class="expressions">${expressions}</ul><p class="meta">${escapeHtml(meta)}</p></figure>`,
    );
    onProgress?.(cards.length, chosen.length);
  }
  const said = [`${chosen.length} of ${all.length.toLocaleString('en')} records.`, ...notes]
    .map((note) => `<p class="note">${escapeHtml(note)}</p>`)
    .join('');
  return htmlPage(title, `${said}<div class="grid">${cards.join('\n')}</div>`);
}

async function picture({ image, box }: ReferringRecord, folder: ImageFolder): Promise<string> {
  const path = folder.find(image);
  if (path === undefined) return `<div class="missing">image ${escapeHtml(String(image))} is not there</div>`;
  try {
    const source = (await openImage(path)).autoOrient();
    const { size, jpeg } = await decoding(path, undefined, async () => ({
      size: (await source.metadata()).autoOrient,
      jpeg: await source
        .resize({ width: thumbnailWidth, withoutEnlargement: true })
        .flatten({ background: '#ffffff' })
        .jpeg({ quality: 72 })
        .toBuffer(),
    }));
    const rectangle = box
      ? `<rect x="${box[0]}" y="${box[1]}" width="${Math.max(0, box[2])}" height="${Math.max(0, box[3])}"/>`
      : '';
    return (
      `<div class="picture"><img src="data:image/jpeg;base64,${jpeg.toString('base64')}" alt="${escapeHtml(basename(path))}">` +
      `<svg viewBox="0 0 ${size.width} ${size.height}" preserveAspectRatio="none">${rectangle}</svg></div>`
    );
  } catch (error) {
    if (!RefclipError.isInstance(error)) throw error;
    return `<div class="missing">${escapeHtml(error.message)}</div>`;
  }
}

/** `count` items without repetition, in their own order, the same for the same seed (linear congruential generator, Knuth's constants). */
function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  let state = BigInt.asUintN(64, BigInt(Math.trunc(seed)));
  const random = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
  const chosen: T[] = [];
  for (const [index, item] of items.entries()) {
    if (random() * (items.length - index) < count - chosen.length) chosen.push(item);
  }
  return chosen;
}
