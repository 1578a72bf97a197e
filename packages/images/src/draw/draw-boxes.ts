import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { makeWholeFile } from '@refclip/furniture';
import { boxIou, FileError, RefclipError, UsageError, type XyxyBox } from '@refclip/structures';
import opentype from 'opentype.js';
import sharp, { type Sharp } from 'sharp';
import { openImage } from '../decode/open-image.js';
import { placeLabels } from './place-labels.js';

/** A box to draw, image pixels, with what stands beside it. */
export interface LabeledBox {
  readonly box: XyxyBox;
  readonly label: string;
  /** CSS colour; default by position in the list. */
  readonly color?: string;
}

/** Colours that tell boxes apart, also for most colour-blind people (Okabe and Ito 2008). */
const palette = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;

let font: Promise<opentype.Font> | undefined;

/** Text is drawn as paths of a font that is installed with this package: a bare server has none. */
function loadFont(): Promise<opentype.Font> {
  font ??= (async () => {
    const file = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
    const bytes = await readFile(file);
    return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
  })();
  return font;
}

/**
 * Draws labelled boxes on an image and writes it, whole or not at all. Labels stand where they cover neither a box nor each other, long ones in up to three lines; boxes in one
 * place take turns along their edge.
 *
 * @param input   image file.
 * @param output  PNG, JPEG or WebP by its ending; its folder is created.
 * @throws {UsageError} for another ending or a box that is not finite; {FileError} when it cannot be read or written; {DataFormatError} when the input is no image.
 */
export async function drawBoxes(input: string, boxes: readonly LabeledBox[], output: string): Promise<void> {
  const format = ({ '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg', '.webp': 'webp' } as const)[
    extname(output).toLowerCase()
  ];
  if (!format) throw new UsageError(`${output}: expected a name that ends in .png, .jpg or .webp`);
  const infinite = boxes.filter(({ box }) => !box.every(Number.isFinite));
  if (infinite.length)
    throw new UsageError(
      `drawBoxes: expected finite boxes, got ${infinite.map(({ box, label }) => `[${box.join(', ')}] for "${label}"`).join('; ')}.`,
    );
  try {
    const painted = (await paint(input, boxes)).toFormat(format);
    await makeWholeFile(output, async (temporary) => {
      await painted.toFile(temporary);
    });
  } catch (cause) {
    if (RefclipError.isInstance(cause)) throw cause;
    throw new FileError(
      output,
      `the picture of ${input} cannot be made (${(cause as Error).message.split('\n')[0]}).`,
      { cause },
    );
  }
}

/**
 * Draws labelled boxes on an image.
 *
 * @returns the bytes of a PNG file and its size in pixels.
 * @throws {FileError} when the image cannot be read.
 */
export async function drawBoxesPng(
  input: string,
  boxes: readonly LabeledBox[],
): Promise<{ readonly png: Uint8Array; readonly width: number; readonly height: number }> {
  try {
    const { data, info } = await (await paint(input, boxes)).png().toBuffer({ resolveWithObject: true });
    return { png: data, width: info.width, height: info.height };
  } catch (cause) {
    throw new FileError(input, `boxes cannot be drawn on it (${(cause as Error).message.split('\n')[0]}).`, { cause });
  }
}

async function paint(input: string, boxes: readonly LabeledBox[]): Promise<Sharp> {
  const { data, info } = await openImage(input).rotate().removeAlpha().toBuffer({ resolveWithObject: true });
  const svg = await boxesSvg(boxes, info.width, info.height);
  return sharp(data).composite([{ input: Buffer.from(svg) }]);
}

/**
 * A line of text, letter by letter: the library's own layout fails on substitution tables that this font has (opentype.js 1.3.5), and labels
 * need neither ligatures nor kerning.
 */
function layOut(glyphs: opentype.Font, text: string, size: number) {
  const scale = size / glyphs.unitsPerEm;
  let width = 0;
  const placed = [...text].map((letter) => {
    const glyph = glyphs.charToGlyph(letter);
    const x = width;
    width += (glyph.advanceWidth ?? glyphs.unitsPerEm / 2) * scale;
    return { glyph, x };
  });
  const pathAt = (left: number, baseline: number) =>
    placed.map(({ glyph, x }) => glyph.getPath(left + x, baseline, size).toPathData(1)).join('');
  return { width, pathAt };
}

/** Most lines of a label; what is longer ends in an ellipsis. */
const mostLines = 3;

/**
 * Text in lines of at most a width, broken between words, and within one that is longer than a line.
 *
 * @param widthOf  of a line, in the unit of `width`.
 */
function wrap(text: string, width: number, widthOf: (line: string) => number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const cut = (word: string) => {
    let rest = [...word];
    while (rest.length > 1 && widthOf(rest.join('')) > width) {
      let fits = rest.length - 1;
      while (fits > 1 && widthOf(rest.slice(0, fits).join('')) > width) fits--;
      lines.push(rest.slice(0, fits).join(''));
      rest = rest.slice(fits);
    }
    return rest.join('');
  };
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = cut(word);
  }
  lines.push(line);
  if (lines.length <= mostLines) return lines;
  const kept = lines.slice(0, mostLines);
  let last = [...(kept[mostLines - 1] as string)];
  while (last.length > 0 && widthOf(`${last.join('')}…`) > width) last = last.slice(0, -1);
  return [...kept.slice(0, -1), `${last.join('').trimEnd()}…`];
}

async function boxesSvg(boxes: readonly LabeledBox[], width: number, height: number): Promise<string> {
  const glyphs = await loadFont();
  const size = Math.max(10, Math.round(Math.min(width, height) / 26));
  const line = Math.max(2, Math.round(size / 6));
  const [padding, lineHeight] = [size * 0.3, size * 1.2];
  const texts = boxes.map(({ label }) => {
    const text = label.length > 400 ? label.slice(0, 400) : label;
    const lines = wrap(text, Math.max(width * 0.6, size * 6) - 2 * padding, (part) => layOut(glyphs, part, size).width);
    const letters = lines.map((part) => layOut(glyphs, part, size));
    const widest = Math.max(...letters.map((part) => part.width));
    return { letters, width: widest + 2 * padding, height: lineHeight * lines.length + size * 0.2 };
  });
  const places = placeLabels(
    boxes.map(({ box }) => box),
    texts,
    { width, height },
    line / 2 + 1,
  );
  const rectangles = boxes.map(({ box, color }, index) => {
    const [x1, y1, x2, y2] = box;
    const frame = `x="${x1}" y="${y1}" width="${Math.max(0, x2 - x1)}" height="${Math.max(0, y2 - y1)}" fill="none"`;
    // Boxes in one place take turns along the edge, so that each one's colour is seen.
    const twins = boxes.flatMap((other, at) => (boxIou(other.box, box) > 0.9 ? [at] : []));
    const dash = line * 4;
    const turns =
      twins.length > 1
        ? ` stroke-dasharray="${dash} ${dash * (twins.length - 1)}" stroke-dashoffset="${-dash * twins.indexOf(index)}"`
        : '';
    return (
      (twins[0] ?? index) === index
        ? `<rect ${frame} stroke="#000" stroke-opacity="0.5" stroke-width="${line + 2}"/>`
        : ''
    ).concat(`<rect ${frame} stroke="${colorOf(color, index)}" stroke-width="${line}"${turns}/>`);
  });
  const labels = boxes.map(({ label, color }, index) => {
    if (label.trim() === '') return '';
    const [left, top] = places[index] as XyxyBox;
    const { letters, width: wide, height: high } = texts[index] as (typeof texts)[number];
    const paths = letters.map((part, row) => part.pathAt(left + padding, top + lineHeight * row + size * 1.05));
    return `<rect x="${left}" y="${top}" width="${wide}" height="${high}" fill="${colorOf(color, index)}"/><path d="${paths.join('')}" fill="#000"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${rectangles.join('')}${labels.join('')}</svg>`;
}

const colorOf = (color: string | undefined, index: number) => color ?? (palette[index % palette.length] as string);
