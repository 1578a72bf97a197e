import type { SeededRandom } from '@refclip/structures';
import type { Scene, SceneObject } from './draw-scene.js';

/** What an expression tells its object by. */
export const expressionKinds = ['attributes', 'place', 'relation'] as const;

/** One of {@link expressionKinds}. */
export type ExpressionKind = (typeof expressionKinds)[number];

/** Which of an object's attributes an expression names. */
interface Named {
  readonly size: boolean;
  readonly color: boolean;
  readonly shape: boolean;
}

/** Each with how often it is tried first: mostly all three, as in "the small red star". */
const combinations: readonly (Named & { readonly weight: number })[] = [
  { size: false, color: true, shape: true, weight: 5 },
  { size: true, color: true, shape: true, weight: 14 },
  { size: true, color: false, shape: true, weight: 1 },
  { size: false, color: false, shape: true, weight: 1 },
  { size: false, color: true, shape: false, weight: 1 },
  { size: true, color: true, shape: false, weight: 1 },
];

/** The combinations in random order, heavier ones earlier (Efraimidis and Spirakis 2006). */
function inRandomOrder(random: SeededRandom): readonly Named[] {
  return combinations
    .map((named) => ({ named, at: random.next() ** (1 / named.weight) }))
    .sort((a, b) => b.at - a.at)
    .map(({ named }) => named);
}

const sizeWords = {
  small: ['small', 'little', 'tiny'],
  medium: ['medium', 'medium sized'],
  large: ['large', 'big', 'huge'],
} as const;
const anyShape = ['object', 'thing', 'shape', 'one'] as const;

/** Directions, as the coordinate that decides and its sign. */
const directions = {
  left: { axis: 'centerX', sign: -1 },
  right: { axis: 'centerX', sign: 1 },
  top: { axis: 'centerY', sign: -1 },
  bottom: { axis: 'centerY', sign: 1 },
} as const;
type Direction = keyof typeof directions;
const allDirections = Object.keys(directions) as Direction[];

/** How far apart two objects are, as a share of the image's side, before one is said to be further left than the other. */
const clearly = 0.12;

/**
 * An expression of the kind asked for that means exactly one object of the scene, or `undefined` when this object has none.
 *
 * Uniqueness is checked by applying the expression's meaning to every object; places and relations hold by a margin.
 */
export function describeObject(
  scene: Scene,
  target: SceneObject,
  kind: ExpressionKind,
  random: SeededRandom,
): string | undefined {
  if (kind === 'attributes') return byAttributes(scene, target, random);
  return kind === 'place' ? byPlace(scene, target, random) : byRelation(scene, target, random);
}

const matches = (object: SceneObject, target: SceneObject, named: Named) =>
  (!named.size || object.size === target.size) &&
  (!named.color || object.color === target.color) &&
  (!named.shape || object.shape === target.shape);

const matching = ({ objects }: Scene, target: SceneObject, named: Named) =>
  objects.filter((object) => matches(object, target, named));

function uniqueAttributes(scene: Scene, target: SceneObject, random: SeededRandom): Named | undefined {
  return inRandomOrder(random).find((named) => matching(scene, target, named).length === 1);
}

function phrase(target: SceneObject, named: Named, random: SeededRandom): string {
  const words = [
    named.size ? random.pick(sizeWords[target.size]) : '',
    named.color ? target.color : '',
    named.shape ? target.shape : random.pick(anyShape),
  ];
  return words.filter(Boolean).join(' ');
}

const withArticle = (text: string, random: SeededRandom) => (random.chance(0.5) ? `the ${text}` : text);

function byAttributes(scene: Scene, target: SceneObject, random: SeededRandom): string | undefined {
  const named = uniqueAttributes(scene, target, random);
  if (!named) return undefined;
  if (named.color && named.shape && random.chance(0.2)) {
    const rest = phrase(target, { ...named, color: false }, random);
    return random.chance(0.5) ? `the ${rest} that is ${target.color}` : `${rest}, ${target.color}`;
  }
  return withArticle(phrase(target, named, random), random);
}

function byPlace(scene: Scene, target: SceneObject, random: SeededRandom): string | undefined {
  for (const named of inRandomOrder(random)) {
    const others = matching(scene, target, named).filter((object) => object !== target);
    if (!others.length) continue;
    const found = random.shuffled(allDirections).find((direction) => {
      const { axis, sign } = directions[direction];
      return others.every((other) => sign * (target[axis] - other[axis]) >= clearly * scene.imageSize);
    });
    if (!found) continue;
    const text = phrase(target, named, random);
    const vertical = found === 'top' || found === 'bottom';
    return random.pick([
      `${found} ${text}`,
      `the ${text} ${vertical ? 'at' : 'on'} the ${found}`,
      `${text} on the ${found}${vertical ? '' : ' side'}`,
      `${vertical ? found : `far ${found}`} ${text}`,
    ]);
  }
  return undefined;
}

const relationWords: Readonly<Record<Direction, readonly string[]>> = {
  left: ['left of', 'to the left of'],
  right: ['right of', 'to the right of'],
  top: ['above', 'over'],
  bottom: ['below', 'under'],
};

function byRelation(scene: Scene, target: SceneObject, random: SeededRandom): string | undefined {
  const landmarks = random.shuffled(scene.objects.filter((object) => object !== target));
  for (const landmark of landmarks) {
    const landmarkNamed = uniqueAttributes(scene, landmark, random);
    if (!landmarkNamed) continue;
    for (const named of inRandomOrder(random)) {
      const others = matching(scene, target, named).filter((object) => object !== target);
      // Without another candidate the relation would say nothing.
      if (!others.length || others.includes(landmark)) continue;
      const found = random.shuffled(allDirections).find((direction) => {
        const { axis, sign } = directions[direction];
        const beyond = (object: SceneObject) => sign * (object[axis] - landmark[axis]);
        return beyond(target) >= clearly * scene.imageSize && others.every((other) => beyond(other) <= 0);
      });
      if (!found) continue;
      const [text, where] = [phrase(target, named, random), phrase(landmark, landmarkNamed, random)];
      return `${withArticle(text, random)} ${random.pick(relationWords[found])} the ${where}`;
    }
  }
  return undefined;
}
