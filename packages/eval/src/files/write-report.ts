import { createReport, type NamedEvaluation, type ReportOptions } from '../report/create-report.js';
import { renderReport } from '../report/render-report.js';
import { loadReportImages, type ReportImageOptions } from './load-report-images.js';
import { writeTextFile } from './write-text-file.js';

/** What goes into a report file. */
export interface WriteReportOptions extends ReportOptions {
  /** Pictures for the gallery; without them boxes are drawn on an empty canvas. */
  readonly images?: ReportImageOptions | undefined;
}

/**
 * Writes the report of one or more evaluations as one self-contained HTML file, atomically.
 *
 * @param evaluations  made with `keepCases`; a name for each.
 * @returns what a reader should know, e.g. that images were not found.
 * @throws {UsageError} without evaluations or their cases. {FileError} when the file cannot be written.
 * @example
 * const { evaluation } = await evaluateFile('predictions-val.jsonl', { keepCases: true });
 * await writeReport('report.html', [{ name: 'val', evaluation }], { images: { files: await findImageFiles('images') } });
 */
export async function writeReport(
  file: string,
  evaluations: readonly NamedEvaluation[],
  options: WriteReportOptions = {},
): Promise<readonly string[]> {
  const files = options.images?.files;
  const unclear = files?.unclear?.(imagesOf(evaluations)) ?? new Map<string, string>();
  const imageIds = files && { has: (imageId: string) => !unclear.has(imageId) && files.has(imageId) };
  const content = createReport(evaluations, { imageIds, ...options });
  const shown = content.gallery.map(({ imageId }) => imageId).filter((imageId) => !unclear.has(imageId));
  const { images, notes } = options.images
    ? await loadReportImages(file, shown, options.images)
    : { images: undefined, notes: [] };
  await writeTextFile(file, renderReport(content, images));
  if (unclear.size === 0) return notes;
  const some = [...unclear.values()].slice(0, 5).join('; ');
  const more = unclear.size > 5 ? '; …' : '';
  return [
    ...notes,
    `${unclear.size} images are not shown, since their names do not say which files they are: ${some}${more}`,
  ];
}

function imagesOf(evaluations: readonly NamedEvaluation[]): ReadonlySet<string> {
  return new Set(evaluations.flatMap(({ evaluation }) => evaluation.cases.map(({ imageId }) => imageId)));
}
