import { type OnProgress, withProgress } from '@refclip/furniture';
import { findImageFiles } from '../files/find-image-files.js';
import { writeReport } from '../files/write-report.js';
import { type CliStreams, terminalOf } from './cli-streams.js';
import type { NamedFile } from './evaluate-files.js';
import type { EvaluationOptions, PageOptions } from './evaluation-options.js';

/** Names that tell files apart: their last parts, as few as needed. */
export function shortNames(files: readonly string[]): readonly string[] {
  const parts = files.map((file) => file.split(/[\\/]/).filter(Boolean));
  const deepest = Math.max(...parts.map(({ length }) => length));
  for (let depth = 1; depth < deepest; depth++) {
    const names = parts.map((path) => path.slice(-depth).join('/'));
    if (new Set(names).size === new Set(files).size) return names;
  }
  return files;
}

/** Writes the report page of a command and says where it is. */
export async function writePage(
  page: string,
  files: readonly NamedFile[],
  options: EvaluationOptions & PageOptions,
  streams: CliStreams,
): Promise<void> {
  const names = shortNames(files.map(({ file }) => file));
  const evaluations = files.map(({ evaluation }, i) => ({ name: names[i]!, evaluation }));
  const found = options.images === undefined ? undefined : await findImageFiles(options.images);
  const write = (onProgress: OnProgress) =>
    writeReport(page, evaluations, {
      ...options,
      gallerySize: options.gallery,
      images: found && { files: found, link: options.linkImages, onProgress },
    });
  const notes = await withProgress('thumbnails', 'images', write, terminalOf(streams));
  for (const note of notes) streams.error(`${page}: ${note}\n`);
  streams.error(`report: ${page}\n`);
}
