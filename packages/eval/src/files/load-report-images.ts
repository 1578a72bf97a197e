import { dirname, relative, resolve, sep } from 'node:path';
import { RefclipError } from '@refclip/structures';
import type { ReportImage } from '../report/gallery-case.js';
import type { ImageFiles } from './find-image-files.js';

/** How pictures get into a report. */
export interface ReportImageOptions {
  /** Image id → file. */
  readonly files: ImageFiles;
  /** Put the address of each file into the page instead of a thumbnail: the page is smaller, and needs the files to stay. */
  readonly link?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Pictures of a report, and what a reader should know of them. */
export interface ReportImages {
  readonly images: ReadonlyMap<string, ReportImage>;
  readonly notes: readonly string[];
}

const thumbnail = { width: 400, height: 400, format: 'webp', quality: 78 } as const;
const atOnce = 8;

/** An optional peer; undefined where it is not installed. */
async function importImages(): Promise<typeof import('@refclip/images') | undefined> {
  try {
    return await import('@refclip/images');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes("'@refclip/images'")) return undefined;
    throw error;
  }
}

/** Address of a file as seen from the page, percent-encoded. */
function linkFrom(page: string, file: string): string {
  const path = relative(dirname(resolve(page)), resolve(file)).split(sep);
  return path.map(encodeURIComponent).join('/');
}

/**
 * Thumbnails, or links where they are wanted or `@refclip/images` is not installed.
 *
 * Orientation tags are applied, as annotation tools and OpenCV do.
 *
 * @param page  file that the report will be, for relative links.
 */
export async function loadReportImages(
  page: string,
  imageIds: readonly string[],
  options: ReportImageOptions,
): Promise<ReportImages> {
  const { files, link = false, onProgress } = options;
  const known = [...new Set(imageIds)].filter((id) => files.has(id));
  const notes: string[] = [];
  const absent = new Set(imageIds).size - known.length;
  if (absent > 0) notes.push(`${absent} of ${absent + known.length} images of the gallery were not found`);
  const peer = link ? undefined : await importImages();
  if (!peer) {
    if (!link && known.length > 0) {
      notes.push(
        'images are linked, not embedded, because @refclip/images is not installed (npm install @refclip/images)',
      );
    }
    return { images: new Map(known.map((id) => [id, { source: linkFrom(page, files.get(id)!) }])), notes };
  }
  const images = new Map<string, ReportImage>();
  const broken: string[] = [];
  for (let start = 0; start < known.length; start += atOnce) {
    const chunk = known.slice(start, start + atOnce);
    await Promise.all(
      chunk.map(async (id) => {
        try {
          const { bytes, width, height } = await peer.createThumbnail(files.get(id)!, thumbnail);
          const source = `data:image/webp;base64,${Buffer.from(bytes).toString('base64')}`;
          images.set(id, { source, width, height });
        } catch (error) {
          if (!RefclipError.isInstance(error)) throw error;
          broken.push(id);
        }
      }),
    );
    onProgress?.(start + chunk.length, known.length);
  }
  if (broken.length > 0)
    notes.push(`${broken.length} images cannot be decoded: ${broken.sort().slice(0, 5).join(', ')}`);
  return { images, notes };
}
