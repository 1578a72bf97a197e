import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { makeWholeFile, writeFailure, writeWholeFile, yieldToSignals } from '@refclip/furniture';
import { FileError, RefclipError, SeededRandom } from '@refclip/structures';
import sharp from 'sharp';
import { boxOfObject, categoryOfObject, drawScene, type Scene, sceneCategories } from './draw-scene.js';
import { describeObject, type ExpressionKind } from './scene-expressions.js';
import { sceneSvg } from './scene-svg.js';

/** Raised when equal options begin to give other files. */
export const scenesVersion = 4;

/** How many scenes are drawn, and how. */
export interface SceneOptions {
  readonly seed: number;
  /** Side of the square images, pixels. Default 256. */
  readonly imageSize?: number;
  /** Images per split. `testA` asks by attributes alone, `testB` by place and relation. */
  readonly train: number;
  readonly val: number;
  readonly testA: number;
  readonly testB: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the drawing; what is drawn by then is kept, and the next call with equal options goes on from there. */
  readonly signal?: AbortSignal;
}

/** Splits in the order of the file. */
export const sceneSplits = ['train', 'val', 'testA', 'testB'] as const;

/** One of {@link sceneSplits}. */
export type SceneSplit = (typeof sceneSplits)[number];

/** Records drawn per image, and expressions per record of the training split. */
const recordsPerImage = 2;
const trainExpressions = 3;

interface SimrecRecord {
  readonly iid: number;
  readonly bbox: readonly number[];
  readonly cat_id: number;
  readonly refs: readonly string[];
  readonly mask_id: number;
}

/**
 * Draws scenes and writes them as users' data are: `annotations.json` (SimREC form), `images/%d.jpg`, and `objects.json`, the boxes and categories of
 * all objects in COCO form. Equal options give equal bytes. Drawn in `<directory>.drawing` and renamed: it is there whole or not at all, and an interrupted
 * drawing is continued.
 *
 * @param directory  replaced when it holds scenes.
 * @throws {FileError} when it cannot be written, or holds other files than scenes; the reason of `signal`.
 */
export async function synthesizeScenes(directory: string, options: SceneOptions): Promise<void> {
  const { seed, imageSize = 256 } = options;
  const entries = await readdir(directory).catch((): string[] => []);
  if (entries.length && !entries.includes('manifest.json'))
    throw new FileError(directory, `holds other files (${entries.slice(0, 3).join(', ')}). Name a new folder.`);
  const temporary = `${directory}.drawing`;
  const manifest = JSON.stringify(sceneManifest(options), null, 1);
  const hasManifest = async (folder: string) =>
    (await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => '')) === manifest;
  try {
    if (!(await hasManifest(temporary))) await rm(temporary, { recursive: true, force: true });
    await mkdir(join(temporary, 'images'), { recursive: true });
    await writeWholeFile(join(temporary, 'manifest.json'), manifest);
    const annotations: Record<string, SimrecRecord[]> = {};
    const images: object[] = [];
    const objects: object[] = [];
    const rendering: { readonly id: number; readonly svg: string }[] = [];
    for (const split of sceneSplits) {
      const records: SimrecRecord[] = [];
      for (let index = 0; index < options[split]; index++) {
        const random = new SeededRandom(`${seed}/${split}/${index}`);
        const id = images.length + 1;
        const { scene, described } = describedScene(random, imageSize, split);
        rendering.push({ id, svg: sceneSvg(scene, new SeededRandom(`${seed}/${split}/${index}/background`)) });
        images.push({ id, file_name: `${id}.jpg`, width: imageSize, height: imageSize, split });
        for (const object of scene.objects) {
          const bbox = boxOfObject(object);
          const category = categoryOfObject(object) + 1;
          objects.push({
            id: objects.length + 1,
            image_id: id,
            category_id: category,
            bbox,
            area: bbox[2] * bbox[3],
            iscrowd: 0,
          });
        }
        for (const { target, expressions } of described) {
          const object = scene.objects[target] as Scene['objects'][number];
          records.push({
            iid: id,
            bbox: boxOfObject(object),
            cat_id: categoryOfObject(object),
            refs: expressions,
            mask_id: Object.values(annotations).flat().length + records.length,
          });
        }
      }
      annotations[split] = records;
    }
    await renderAll(rendering, join(temporary, 'images'), options);
    const categories = sceneCategories.map((name, index) => ({ id: index + 1, name }));
    await writeWholeFile(join(temporary, 'annotations.json'), JSON.stringify(annotations));
    await writeWholeFile(join(temporary, 'objects.json'), JSON.stringify({ images, annotations: objects, categories }));
    await assertAllDrawn(join(temporary, 'images'), rendering.length);
    await rm(directory, { recursive: true, force: true });
    await mkdir(dirname(directory), { recursive: true });
    await rename(temporary, directory);
  } catch (cause) {
    options.signal?.throwIfAborted();
    // Another process that drew the same scenes may have been first.
    if (await hasManifest(directory)) return;
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw RefclipError.isInstance(cause) ? cause : writeFailure(directory, cause);
  }
}

/** What `manifest.json` says of a folder of scenes. */
export function sceneManifest({ seed, imageSize = 256, train, val, testA, testB }: SceneOptions): object {
  return { version: scenesVersion, seed, imageSize, train, val, testA, testB };
}

/** A scene with enough objects that can be described; scenes without are drawn again. */
function describedScene(random: SeededRandom, imageSize: number, split: SceneSplit) {
  for (;;) {
    const scene = drawScene(random, imageSize);
    const described: { target: number; expressions: string[] }[] = [];
    for (const target of random.shuffled(scene.objects.map((_, index) => index))) {
      if (described.length === recordsPerImage) break;
      const expressions = expressionsFor(scene, target, split, random);
      if (expressions.length) described.push({ target, expressions });
    }
    if (split === 'train' && described.length === recordsPerImage) return { scene, described };
    // Evaluation records hold one expression each.
    if (split !== 'train' && described.length) return { scene, described };
  }
}

function expressionsFor(scene: Scene, target: number, split: SceneSplit, random: SeededRandom): string[] {
  const object = scene.objects[target] as Scene['objects'][number];
  const found = new Set<string>();
  for (let i = 0; i < (split === 'train' ? trainExpressions : 1); i++) {
    const expression = describeObject(scene, object, kindFor(split, random), random);
    if (expression) found.add(expression);
  }
  return [...found];
}

function kindFor(split: SceneSplit, random: SeededRandom): ExpressionKind {
  if (split === 'testA') return 'attributes';
  if (split === 'testB') return random.chance(0.6) ? 'place' : 'relation';
  const draw = random.next();
  return draw < 0.82 ? 'attributes' : draw < 0.94 ? 'place' : 'relation';
}

async function renderAll(
  scenes: readonly { readonly id: number; readonly svg: string }[],
  directory: string,
  { onProgress, signal }: Pick<SceneOptions, 'onProgress' | 'signal'>,
): Promise<void> {
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let scene = scenes[next++]; scene; scene = scenes[next++]) {
      const file = join(directory, `${scene.id}.jpg`);
      if (!(await exists(file))) {
        const drawn = sharp(Buffer.from(scene.svg)).jpeg({ quality: 92, chromaSubsampling: '4:4:4' });
        await makeWholeFile(file, async (temporary) => {
          await drawn.toFile(temporary);
        });
        await yieldToSignals(signal);
      }
      onProgress?.(++done, scenes.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, cpus().length) }, work));
}

/** Removes what a killed process left half-written, and makes sure that no other process took the folder away meanwhile. */
async function assertAllDrawn(folder: string, count: number): Promise<void> {
  const names = await readdir(folder);
  const unfinished = names.filter((name) => name.endsWith('.tmp'));
  for (const name of unfinished) await rm(join(folder, name), { force: true });
  if (names.length - unfinished.length !== count)
    throw new FileError(folder, `holds ${names.length - unfinished.length} of ${count} scenes. Draw them again.`);
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
