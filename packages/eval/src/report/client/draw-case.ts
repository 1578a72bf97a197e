import type { FourNumbers } from '../../boxes/box-format.js';
import type { GalleryAnswer, GalleryCase } from '../gallery-case.js';
import type { GalleryData } from '../render-gallery.js';

const namespace = 'http://www.w3.org/2000/svg';
const labels = { right: '✓ right', near: '≈ near miss', wrong: '✗ wrong', none: '– no answer' } as const;

function svg(name: string, attributes: Readonly<Record<string, string | number>>, parent?: Element): SVGElement {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent?.append(element);
  return element;
}

function element(name: string, className: string, text: string, parent: Element): HTMLElement {
  const created = document.createElement(name);
  created.className = className;
  created.textContent = text;
  parent.append(created);
  return created;
}

function drawBox([x1, y1, x2, y2]: FourNumbers, classes: readonly string[], parent: Element): void {
  const frame = { x: x1, y: y1, width: Math.max(0, x2 - x1), height: Math.max(0, y2 - y1) };
  for (const name of classes) svg('rect', { ...frame, class: name }, parent);
}

/** Image with the annotated boxes and each file's answer. Without an image, or its size, the boxes span the canvas. */
function drawPicture(item: GalleryCase, data: GalleryData): SVGElement {
  const image = data.images[item.imageId];
  const boxes = [...item.truths, ...item.answers.flatMap((answer) => answer?.boxes ?? [])];
  const extent = (edge: 2 | 3) => Math.max(100, ...boxes.map((box) => box[edge])) * 1.05;
  const picture = svg('svg', { class: 'picture', role: 'img', 'aria-label': describe(item, data) });
  const canvas = svg('rect', { class: 'canvas' }, picture);
  const photo = image && svg('image', { href: image.source, preserveAspectRatio: 'none' }, picture);
  const resize = (width: number, height: number) => {
    picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
    for (const part of photo ? [canvas, photo] : [canvas]) {
      part.setAttribute('width', String(width));
      part.setAttribute('height', String(height));
    }
  };
  const [width, height] = [image?.width ?? item.width, image?.height ?? item.height];
  resize(width ?? extent(2), height ?? extent(3));
  if (image && (width === undefined || height === undefined)) {
    const loaded = new Image();
    loaded.addEventListener('load', () => resize(loaded.naturalWidth, loaded.naturalHeight));
    loaded.src = image.source;
  }
  for (const box of item.truths) drawBox(box, ['truth-light', 'truth-dark'], picture);
  for (const [e, answer] of item.answers.entries()) {
    for (const box of answer?.boxes ?? []) drawBox(box, ['answer-halo', `answer series-${e % 6}`], picture);
  }
  return picture;
}

function describe(item: GalleryCase, data: GalleryData): string {
  const answers = item.answers.flatMap((answer, e) =>
    answer ? [`${data.entries[e]}: ${facts(answer).join(', ')}`] : [],
  );
  return `Image ${item.imageId}. ${answers.join('; ')}`;
}

function facts({ verdict, status, iou, confidence }: GalleryAnswer): readonly string[] {
  const parts: string[] = [labels[verdict]];
  if (iou !== null) parts.push(`IoU ${iou.toFixed(2)}`);
  else if (status !== 'answered') parts.push(status);
  if (confidence !== undefined) parts.push(`confidence ${confidence.toFixed(2)}`);
  return parts;
}

/** Fills an element with a case: picture, expression, one line of facts per file. */
export function drawCase(
  target: Element,
  item: GalleryCase,
  data: GalleryData,
  entry: number,
  detailed: boolean,
): void {
  target.replaceChildren(drawPicture(item, data));
  target.classList.add('case', item.answers[entry]?.verdict ?? 'none');
  element('span', 'expression', item.expression ?? item.key, target);
  for (const [e, answer] of item.answers.entries()) {
    if (!answer) continue;
    const line = element('span', `facts ${answer.verdict}`, '', target);
    if (data.entries.length > 1) {
      element('span', `swatch series-${e % 6}`, '', line);
      line.title = data.entries[e]!;
      if (detailed) line.append(`${data.entries[e]}: `);
    }
    for (const part of facts(answer)) element('span', 'part', part, line);
    if (detailed && answer.score !== undefined) element('span', 'part', `score ${answer.score.toPrecision(4)}`, line);
  }
  if (!detailed) return;
  const box = (one: FourNumbers) => `[${one.map((value) => Math.round(value * 10) / 10).join(', ')}]`;
  const known = [
    `image ${item.imageId}`,
    `expression ${item.key}`,
    item.category && `category ${item.category}`,
    `annotated ${item.truths.map(box).join(' ') || 'nothing'}`,
    ...item.answers.flatMap((answer, e) =>
      answer
        ? [`${data.entries.length > 1 ? data.entries[e] : 'predicted'} ${answer.boxes.map(box).join(' ') || 'nothing'}`]
        : [],
    ),
  ];
  element('span', 'details', known.filter(Boolean).join(' · '), target);
}
