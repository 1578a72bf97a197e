import { type Terminal, wholeNumber } from '@refclip/furniture';
import type { Command } from 'commander';
import { Option } from 'commander';
import { ImageFolder } from '../check/image-folder.js';
import { readImageSize } from '../check/read-image-size.js';
import { type AnnotationFormName, annotationForms } from '../convert/annotation-forms.js';
import { type BoxConvention, boxConventions, type ImageSize } from '../convert/box-convention.js';
import { type ReadAnnotations, readAnnotations } from '../convert/read-annotations.js';
import { announceReading } from './announce-reading.js';

/** How an annotation file is to be understood, as options of a command. */
export interface InputOptions {
  readonly form?: AnnotationFormName;
  readonly boxes?: BoxConvention;
  readonly images?: string;
}

export const formNames = Object.keys(annotationForms) as AnnotationFormName[];

/** Adds the options that every command with an annotation file has. */
export function addInputOptions(command: Command): Command {
  return command
    .addOption(new Option('--form <name>', 'form of the file (default: told from the file)').choices(formNames))
    .addOption(
      boxesOption(
        '--boxes <convention>',
        'how boxes are written (default: as the form has them, or as the numbers tell)',
      ),
    );
}

export function boxesOption(flags: string, description: string): Option {
  return new Option(flags, description).choices([...boxConventions]);
}

/** Reads the annotation file of a command. */
export async function readInput(
  file: string,
  { form, boxes, images }: InputOptions,
  terminal: Terminal,
): Promise<ReadAnnotations & { folder: ImageFolder | undefined }> {
  const folder = images === undefined ? undefined : await ImageFolder.open(images);
  const onRead = announceReading(terminal);
  return { ...(await readAnnotations(file, { form, boxes, imageSize: imageSizes(folder, terminal), onRead })), folder };
}

/** Sizes of a folder's images from their headers. Says every five seconds how many it has read: how many there are to be is unknown. */
export function imageSizes(
  folder: ImageFolder | undefined,
  { err }: Terminal,
): ((image: number | string) => Promise<ImageSize | undefined>) | undefined {
  if (!folder) return undefined;
  let [count, said] = [0, performance.now() - 3000];
  return (image) => {
    count++;
    if (performance.now() - said > 5000) {
      said = performance.now();
      err.write(`read the sizes of ${count} images\n`);
    }
    return readImageSize(image, folder);
  };
}

/** A whole number at least 1, given as text. */
export const parseCount = wholeNumber(1);
