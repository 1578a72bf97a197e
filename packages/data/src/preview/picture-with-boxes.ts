import { basename } from 'node:path';
import { RefclipError, type XywhBox } from '@refclip/structures';
import type { ImageFolder } from '../check/image-folder.js';
import { escapeHtml } from '../pages/html-page.js';
import { importImages } from '../peers/import-images.js';

/** A rectangle over a picture. */
export interface PictureBox {
  /** Image pixels. */
  readonly box: XywhBox;
  /** `aside`: drawn thin and dotted, below the others; `truth`: what people drew, dashed, above them. */
  readonly kind?: 'aside' | 'truth';
}

/**
 * An image as HTML with boxes drawn over it, everything inside; one that is missing or broken is shown as such.
 *
 * @throws {UsageError} when `@refclip/images` is not installed.
 */
export async function pictureWithBoxes(
  image: number | string,
  boxes: readonly PictureBox[],
  folder: ImageFolder,
): Promise<string> {
  const path = folder.find(image);
  if (path === undefined) return `<div class="missing">image ${escapeHtml(String(image))} is not there</div>`;
  const { createThumbnail } = await importImages('Showing images');
  try {
    const { bytes, width, height } = await createThumbnail(path, { width: 480, format: 'jpeg', quality: 72 });
    const layer = ({ kind }: PictureBox) => (kind === 'aside' ? 0 : kind === 'truth' ? 2 : 1);
    const ordered = [...boxes].sort((a, b) => layer(a) - layer(b));
    const rectangles = ordered.map(
      ({ box: [x, y, w, h], kind }) =>
        `<rect${kind ? ` class="${kind}"` : ''} x="${x}" y="${y}" width="${Math.max(0, w)}" height="${Math.max(0, h)}"/>`,
    );
    return (
      `<div class="picture"><img src="data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}" alt="${escapeHtml(basename(path))}">` +
      `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${rectangles.join('')}</svg></div>`
    );
  } catch (error) {
    if (!RefclipError.isInstance(error)) throw error;
    return `<div class="missing">${escapeHtml(error.message)}</div>`;
  }
}
