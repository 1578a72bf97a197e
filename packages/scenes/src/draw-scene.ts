import type { SeededRandom, XywhBox } from '@refclip/structures';

/** Shapes of objects. */
export const sceneShapes = ['circle', 'square', 'triangle', 'star', 'diamond', 'cross', 'hexagon', 'ring'] as const;
/** Colours and their sRGB values. */
export const sceneColors = {
  red: '#d62020',
  green: '#1f9a3c',
  blue: '#2450d8',
  yellow: '#f2d51c',
  purple: '#8a2fb8',
  orange: '#f0801a',
  white: '#f6f6f6',
  black: '#161616',
} as const;
/** Sizes as a share of the image's side. */
export const sceneSizes = { small: 0.12, medium: 0.18, large: 0.26 } as const;

/** A shape's name. */
export type SceneShape = (typeof sceneShapes)[number];
/** A colour's name. */
export type SceneColor = keyof typeof sceneColors;
/** A size's name. */
export type SceneSize = keyof typeof sceneSizes;

/** Object categories, a colour and a shape each: about as many, and as telling, as the 80 of COCO. */
export const sceneCategories: readonly string[] = sceneShapes.flatMap((shape) =>
  Object.keys(sceneColors).map((color) => `${color} ${shape}`),
);

/** One drawn object. */
export interface SceneObject {
  readonly shape: SceneShape;
  readonly color: SceneColor;
  readonly size: SceneSize;
  /** Centre and side, image pixels. */
  readonly centerX: number;
  readonly centerY: number;
  readonly side: number;
}

/** Objects from back to front. */
export interface Scene {
  readonly imageSize: number;
  readonly objects: readonly SceneObject[];
}

const fewest = 3;
const most = 8;
/** Cells of the detector's coarsest map: two objects never share one, or it could not tell them apart. */
const cellsPerSide = 8;

/**
 * Draws lots for a scene: 3 to 8 objects, many alike in shape or colour so that one word rarely suffices, overlapping a little at most.
 *
 * @param imageSize  side of the square image, pixels.
 */
export function drawScene(random: SeededRandom, imageSize: number): Scene {
  const wanted = random.whole(fewest, most);
  const objects: SceneObject[] = [];
  for (let attempt = 0; objects.length < wanted && attempt < 400; attempt++) {
    const like = objects.length && random.chance(0.6) ? random.pick(objects) : undefined;
    const keepsShape = random.chance(0.5);
    const object = placed(random, imageSize, {
      shape: like && keepsShape ? like.shape : random.pick(sceneShapes),
      color: like && !keepsShape ? like.color : random.pick(Object.keys(sceneColors) as SceneColor[]),
      size: random.pick(Object.keys(sceneSizes) as SceneSize[]),
    });
    if (objects.every((other) => mayStandWith(object, other, imageSize))) objects.push(object);
  }
  return objects.length >= fewest ? { imageSize, objects } : drawScene(random, imageSize);
}

/** Index of an object's category. */
export function categoryOfObject({ color, shape }: SceneObject): number {
  return sceneCategories.indexOf(`${color} ${shape}`);
}

/** The box of an object, image pixels. */
export function boxOfObject({ centerX, centerY, side }: SceneObject): XywhBox {
  return [centerX - side / 2, centerY - side / 2, side, side];
}

function placed(
  random: SeededRandom,
  imageSize: number,
  kind: Pick<SceneObject, 'shape' | 'color' | 'size'>,
): SceneObject {
  const side = Math.round(imageSize * sceneSizes[kind.size] * random.between(0.92, 1.08));
  const margin = side / 2 + 2;
  const at = () => Math.round(random.between(margin, imageSize - margin));
  return { ...kind, centerX: at(), centerY: at(), side };
}

function mayStandWith(a: SceneObject, b: SceneObject, imageSize: number): boolean {
  const distance = Math.max(Math.abs(a.centerX - b.centerX), Math.abs(a.centerY - b.centerY));
  const cell = (value: number) => Math.floor((value * cellsPerSide) / imageSize);
  const sameCell = cell(a.centerX) === cell(b.centerX) && cell(a.centerY) === cell(b.centerY);
  const alike = a.shape === b.shape && a.color === b.color && a.size === b.size;
  // Up to a fifth of the smaller one's side may be covered.
  return !sameCell && !alike && distance >= (a.side + b.side) / 2 - 0.2 * Math.min(a.side, b.side);
}
