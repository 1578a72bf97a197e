import { readFile } from 'node:fs/promises';
import { FileError } from '@refclip/structures';
import type { AnnotationForm } from './annotation-form.js';
import { type AnnotationFormName, annotationForms } from './annotation-forms.js';
import type { BoxConvention, ImageSize } from './box-convention.js';
import { detectForm } from './detect-form.js';
import type { ReferringDataset } from './referring-dataset.js';
import { settleBoxes } from './settle-boxes.js';
import { splitOfFile } from './split-of-file.js';

export interface ReadAnnotationsOptions {
  /** Default: told from the file. */
  readonly form?: AnnotationFormName | undefined;
  /** How boxes are written; default: as the form has them, or as the numbers tell. */
  readonly boxes?: BoxConvention | undefined;
  /** The split of records that name none; default: what the file's name says, otherwise `train`. */
  readonly split?: string | undefined;
  /** Called before the file is parsed. */
  readonly onRead?: ((file: string, bytes: number) => void) | undefined;
  /** Sizes of images, asked for only where a box cannot be understood without. */
  readonly imageSize?: ((image: number | string) => Promise<ImageSize | undefined>) | undefined;
}

/** An annotation file as records, and the form it was found to have. */
export interface ReadAnnotations extends ReferringDataset {
  readonly form: AnnotationFormName;
}

/**
 * Reads an annotation file of any form but REFER's.
 *
 * @throws {FileError} when it cannot be read.
 * @throws {DataFormatError} naming file and record of everything that does not fit the form.
 */
export async function readAnnotations(file: string, options: ReadAnnotationsOptions = {}): Promise<ReadAnnotations> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  }
  options.onRead?.(file, bytes.length);
  const name = options.form ?? detectForm(file, bytes);
  const form: AnnotationForm = annotationForms[name];
  const pending = await form.read(bytes, { file, split: options.split ?? splitOfFile(file) ?? 'train' });
  const settled = await settleBoxes(pending, {
    file,
    declared: options.boxes,
    ofForm: form.boxes(file),
    imageSize: options.imageSize,
  });
  return { ...settled, form: name };
}
