import { readFile } from 'node:fs/promises';
import { DataFormatError, FileError, type XywhBox } from '@refclip/structures';
import { z } from 'zod';

/** An image with its objects, boxes in image pixels. */
export interface ObjectImage {
  readonly fileName: string;
  readonly objects: readonly { readonly box: XywhBox; readonly category: number }[];
}

/** Images with objects, and the categories' names by index. */
export interface ObjectImages {
  readonly images: readonly ObjectImage[];
  readonly categories: readonly string[];
}

const schema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string(), split: z.string().optional() })),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.number().optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});

/**
 * Reads object boxes in COCO form. Where images name a split, only `train` is taken; crowds are left out. Categories become indices in the order of the file.
 *
 * @throws {FileError} when the file cannot be read; {DataFormatError} when it is not in COCO form.
 */
export async function readObjects(file: string): Promise<ObjectImages> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FileError(file, `the object boxes cannot be read (${cause.code}). Check data.objects.`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataFormatError({ file }, `no JSON (${(cause as Error).message}).`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new DataFormatError(
      { file, field: issue?.path.join('.') },
      `${issue?.message}. Expected COCO form: images, annotations, categories.`,
    );
  }
  const { images, annotations, categories } = parsed.data;
  const index = new Map(categories.map(({ id }, at) => [id, at]));
  const byImage = new Map<number, { box: XywhBox; category: number }[]>(images.map(({ id }) => [id, []]));
  for (const { image_id, category_id, bbox, iscrowd } of annotations) {
    const category = index.get(category_id);
    const objects = byImage.get(image_id);
    if (category === undefined || !objects) {
      throw new DataFormatError(
        { file, record: `image ${image_id}` },
        `names an unknown ${objects ? `category ${category_id}` : 'image'}.`,
      );
    }
    if (!iscrowd) objects.push({ box: bbox, category });
  }
  return {
    images: images
      .filter(({ split }) => split === undefined || split === 'train')
      .map(({ id, file_name }) => ({ fileName: file_name, objects: byImage.get(id) ?? [] })),
    categories: categories.map(({ name }) => name),
  };
}
