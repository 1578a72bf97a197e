import type { SeededRandom } from '@refclip/structures';
import { type Scene, type SceneObject, type SceneShape, sceneColors } from './draw-scene.js';

/** A scene as SVG: a gradient or textured background in muted colours, then the objects from back to front. */
export function sceneSvg({ imageSize, objects }: Scene, random: SeededRandom): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${imageSize}" height="${imageSize}">`,
    background(random, imageSize),
    ...objects.map((object) => shapeOf(object)),
    '</svg>',
  ].join('');
}

function muted(random: SeededRandom): string {
  return `hsl(${random.whole(0, 359)},${random.whole(8, 30)}%,${random.whole(48, 72)}%)`;
}

function background(random: SeededRandom, size: number): string {
  const angle = random.whole(0, 359);
  const stops = `<stop offset="0" stop-color="${muted(random)}"/><stop offset="1" stop-color="${muted(random)}"/>`;
  const gradient = random.chance(0.3)
    ? `<radialGradient id="g" cx="${random.next().toFixed(2)}" cy="${random.next().toFixed(2)}" r="0.9">${stops}</radialGradient>`
    : `<linearGradient id="g" gradientTransform="rotate(${angle} 0.5 0.5)">${stops}</linearGradient>`;
  const base = `<defs>${gradient}</defs><rect width="${size}" height="${size}" fill="url(#g)"/>`;
  if (random.chance(0.4)) return base;
  // Texture: faint stripes or specks.
  const tone = muted(random);
  if (random.chance(0.5)) {
    const gap = random.whole(10, 26);
    const lines = Array.from(
      { length: Math.ceil((3 * size) / gap) },
      (_, i) => `M${i * gap - size} ${-size}V${2 * size}`,
    ).join('');
    return `${base}<path d="${lines}" stroke="${tone}" stroke-opacity="0.35" stroke-width="${random.whole(2, 6)}" transform="rotate(${angle} ${size / 2} ${size / 2})"/>`;
  }
  const specks = Array.from({ length: 60 }, () => {
    const [x, y, radius] = [random.whole(0, size), random.whole(0, size), random.between(1, 4)];
    return `<circle cx="${x}" cy="${y}" r="${radius.toFixed(1)}"/>`;
  });
  return `${base}<g fill="${tone}" fill-opacity="0.5">${specks.join('')}</g>`;
}

const corner = (turns: number, radius: number): [number, number] => [
  radius * Math.sin(2 * Math.PI * turns),
  -radius * Math.cos(2 * Math.PI * turns),
];

/** Corners of the shapes that are polygons, in any frame: they are stretched to the object's box. */
const polygons: Readonly<Partial<Record<SceneShape, readonly (readonly [number, number])[]>>> = {
  square: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
  triangle: [
    [0.5, 0],
    [1, 1],
    [0, 1],
  ],
  diamond: [
    [0.5, 0],
    [1, 0.5],
    [0.5, 1],
    [0, 0.5],
  ],
  cross: [
    [1, 0],
    [2, 0],
    [2, 1],
    [3, 1],
    [3, 2],
    [2, 2],
    [2, 3],
    [1, 3],
    [1, 2],
    [0, 2],
    [0, 1],
    [1, 1],
  ],
  hexagon: Array.from({ length: 6 }, (_, i) => corner((i + 0.5) / 6, 1)),
  star: Array.from({ length: 10 }, (_, i) => corner(i / 10, i % 2 ? 0.42 : 1)),
};

function shapeOf(object: SceneObject): string {
  const { shape, centerX, centerY, side } = object;
  const color = sceneColors[object.color];
  const edge = 'stroke="#000" stroke-opacity="0.35" stroke-width="1"';
  const points = polygons[shape];
  if (points) {
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const stretch = (value: number, all: number[], center: number) =>
      (center - side / 2 + (side * (value - Math.min(...all))) / (Math.max(...all) - Math.min(...all))).toFixed(2);
    const path = points.map(([x, y]) => `${stretch(x, xs, centerX)},${stretch(y, ys, centerY)}`).join(' ');
    return `<polygon points="${path}" fill="${color}" ${edge}/>`;
  }
  if (shape === 'ring') {
    const width = side * 0.22;
    return `<circle cx="${centerX}" cy="${centerY}" r="${(side - width) / 2}" fill="none" stroke="${color}" stroke-width="${width}"/>`;
  }
  return `<circle cx="${centerX}" cy="${centerY}" r="${side / 2}" fill="${color}" ${edge}/>`;
}
