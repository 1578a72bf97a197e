import { writePieces } from '@refclip/formats';
import { UsageError } from '@refclip/structures';
import type { AnnotationForm } from './annotation-form.js';
import { allRecords } from './annotation-form.js';
import { type AnnotationFormName, annotationForms } from './annotation-forms.js';
import { type BoxConvention, type ImageSize, needsImageSize } from './box-convention.js';
import { cocoImageName } from './image-name-pattern.js';
import { ProblemList } from './problem-list.js';
import type { ReferringRecord, SplitRecords } from './referring-dataset.js';

export interface WriteAnnotationsOptions {
  readonly form: AnnotationFormName;
  /** How boxes are written; default: as the form has them, xywh where it leaves that open. */
  readonly boxes?: BoxConvention | undefined;
  /** File name of an image id; default its name in `imageNames`, then COCO's train2014. */
  readonly imageName?: ((id: number) => string) | undefined;
  /** Names that the files of the ids had, as a reader found them. */
  readonly imageNames?: ReadonlyMap<number, string> | undefined;
  /** Sizes of images that the records do not say, where the form needs them. */
  readonly imageSize?: ((image: number | string) => Promise<ImageSize | undefined>) | undefined;
}

/**
 * Writes records in a form, each file whole or not at all.
 *
 * @param output  path; `{split}` in it is replaced by the split's name. A form of one split per file needs that when there are several splits.
 * @returns the files written.
 * @throws {UsageError} when several splits would go into one file of a form that cannot tell them apart.
 * @throws {DataFormatError} naming the records that lack what the form needs: a box, the size of the image.
 */
export async function writeAnnotations(
  output: string,
  splits: SplitRecords,
  options: WriteAnnotationsOptions,
): Promise<string[]> {
  const form: AnnotationForm = annotationForms[options.form];
  const names = [...splits.keys()];
  const perSplit = output.includes('{split}');
  if (!form.holdsSplits && !perSplit && names.length > 1) {
    throw new UsageError(
      `${output}: ${options.form} files hold one split, and there are ${names.length} (${names.join(', ')}). Write {split} into the path, or choose one split.`,
    );
  }
  for (const name of names) {
    if (perSplit && !/^[\w+-]+$/.test(name))
      throw new UsageError(`split "${name}" cannot be part of a file name; expected letters, digits, _, + and -.`);
  }
  const files = [];
  const parts: [string, SplitRecords][] = perSplit
    ? names.map((name) => [output.replaceAll('{split}', name), new Map([[name, splits.get(name) ?? []]])])
    : [[output, splits]];
  for (const [file, part] of parts) {
    const boxes = options.boxes ?? form.boxes(file) ?? 'xywh';
    const complete = await addSizes(part, form, boxes, options, file);
    const idName = options.imageName ?? ((id: number) => options.imageNames?.get(id) ?? cocoImageName(id));
    const imageName = (image: number | string) => (typeof image === 'number' ? idName(image) : image);
    await writePieces(file, form.write(complete, { imageName, boxes, file }));
    files.push(file);
  }
  return files;
}

/** The records with image sizes where they are needed. Everything that is missing is reported before anything is written. */
async function addSizes(
  splits: SplitRecords,
  form: AnnotationForm,
  boxes: BoxConvention,
  { form: name, imageSize }: WriteAnnotationsOptions,
  file: string,
): Promise<SplitRecords> {
  const problems = new ProblemList(file);
  if (form.needsBoxes) {
    for (const [split, records] of splits) {
      for (const [index, { box }] of records.entries())
        if (!box) problems.add(`${split} ${index}`, 'box', `is missing, and ${name} needs it`);
    }
  }
  if (!form.writesSizes && !needsImageSize(boxes)) {
    problems.throwIfAny();
    return splits;
  }
  const sizes = new Map<number | string, ImageSize | undefined>();
  for (const { image, size } of allRecords(splits)) if (size) sizes.set(image, size);
  const result = new Map<string, ReferringRecord[]>();
  for (const [split, records] of splits) {
    const sized: ReferringRecord[] = [];
    for (const [index, record] of records.entries()) {
      const { image } = record;
      if (!sizes.has(image)) sizes.set(image, await imageSize?.(image));
      const size = sizes.get(image);
      if (!size) problems.add(`${split} ${index}`, 'size', `of image ${image} is unknown. Give the image folder`);
      sized.push({ ...record, size });
    }
    result.set(split, sized);
  }
  problems.throwIfAny();
  return result;
}
