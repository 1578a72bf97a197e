export { type CheckImagesOptions, checkImages, type ImageCheck } from './check/check-images.js';
export { type CheckRecordsOptions, checkRecords } from './check/check-records.js';
export type { DataProblem, ProblemKind } from './check/data-problem.js';
export { ImageFolder } from './check/image-folder.js';
export { readImageSize } from './check/read-image-size.js';
export { type ProblemGroup, summarizeProblems } from './check/summarize-problems.js';
export type { AnnotationForm, WriteContext } from './convert/annotation-form.js';
export { type AnnotationFormName, annotationForms } from './convert/annotation-forms.js';
export {
  type BoxConvention,
  boxConventions,
  type ImageSize,
  type RawBox,
} from './convert/box-convention.js';
export { type DetectedConvention, detectBoxConvention, type ObservedBox } from './convert/detect-box-convention.js';
export { groupByImage, type ImageQueries, type ImageQuery } from './convert/group-by-image.js';
export { groupExpressions } from './convert/group-expressions.js';
export { imageNamePattern } from './convert/image-name-pattern.js';
export type { PendingRecord, ReadContext } from './convert/pending-record.js';
export { type ReadAnnotations, type ReadAnnotationsOptions, readAnnotations } from './convert/read-annotations.js';
export type { ReferringDataset, ReferringRecord, SplitRecords } from './convert/referring-dataset.js';
export { type WriteAnnotationsOptions, writeAnnotations } from './convert/write-annotations.js';
export { LabelFileWriter } from './labels/label-file-writer.js';
export type { LabelHeader } from './labels/label-header.js';
export { type LabeledRecord, labeledSplits } from './labels/labeled-splits.js';
export { mergeLabels } from './labels/merge-labels.js';
export {
  type BrokenImage,
  type Detection,
  isLabeled,
  type LabelEntry,
  type LabeledImage,
  type PseudoLabel,
} from './labels/pseudo-label.js';
export { readLabelHeader, readLabels } from './labels/read-labels.js';
export {
  type LabelSelection,
  type SelectedLabel,
  type SelectLabelsOptions,
  selectLabels,
} from './labels/select-labels.js';
export { type StudentFormat, type StudentFormatName, studentFormats } from './labels/student-formats.js';
export type { StudentFiles, StudentOptions, StudentSet } from './labels/student-set.js';
export { type GalleryOptions, galleryPage } from './preview/gallery-page.js';
export { type LabelPageOptions, labelPage } from './preview/label-page.js';
export { type CountComparison, compareCounts } from './refer/compare-counts.js';
export { convertRefer, type ReferConversion, type ReferOutline, type ReferSource } from './refer/convert-refer.js';
export type { PublishedCounts } from './refer/published-counts.js';
export { type ReadReferOptions, readRefer } from './refer/read-refer.js';
export { type ReferDatasetName, referDatasets } from './refer/refer-datasets.js';
export { type WriteMasksOptions, writeMasks } from './refer/write-masks.js';
export { type OtherObject, type WriteReferOptions, writeRefer } from './refer/write-refer.js';
export { computeStatistics, type DatasetStatistics, type SplitStatistics } from './stats/compute-statistics.js';
export { formatStatistics } from './stats/format-statistics.js';
export { statisticsPage } from './stats/statistics-page.js';
