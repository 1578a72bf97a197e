import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, UsageError } from '@refclip/structures';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage } from '../decode/decode-image.js';
import { drawBoxes } from './draw-boxes.js';

const folder = await mkdtemp(join(tmpdir(), 'refclip-boxes-'));
const input = join(folder, 'white.png');
await sharp({ create: { width: 200, height: 160, channels: 3, background: 'white' } })
  .png()
  .toFile(input);

async function drawn(name: string, boxes: Parameters<typeof drawBoxes>[1]) {
  await drawBoxes(input, boxes, join(folder, name));
  const { pixels, width, height } = await decodeImage(join(folder, name));
  expect([width, height]).toEqual([200, 160]);
  return (x: number, y: number) => [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

test('edges lie on the box, the inside stays as it was', async () => {
  const at = await drawn('one.png', [{ box: [50, 60, 150, 120], label: 'a', color: '#ff0000' }]);
  for (const [x, y] of [
    [50, 90],
    [149, 90],
    [100, 119],
  ] as const)
    expect(at(x, y)).toEqual([255, 0, 0]);
  expect(at(100, 90)).toEqual([255, 255, 255]);
  expect(at(180, 150)).toEqual([255, 255, 255]);
});

test('labels are drawn as letters without any font of the system', async () => {
  // Pixels that a letter covers by half or more.
  const black = async (label: string) => {
    const at = await drawn('label.png', [{ box: [20, 60, 150, 120], label, color: '#ffff00' }]);
    let count = 0;
    for (let y = 40; y < 58; y++) for (let x = 20; x < 180; x++) if ((at(x, y)[0] as number) < 128) count++;
    return count;
  };
  const [none, few, many] = [await black(''), await black('star'), await black('the small red star')];
  expect(none).toBe(0);
  expect(few).toBeGreaterThan(20);
  expect(many).toBeGreaterThan(2 * few);
});

test('boxes outside or empty, and labels with markup or foreign letters, still make a picture', async () => {
  const at = await drawn('odd.jpg', [
    { box: [-50, -50, 400, 400], label: '</path><script>' },
    { box: [30, 30, 20, 20], label: 'ünïcödé 猫 '.repeat(40) },
  ]);
  expect(at(100, 80)).toHaveLength(3);
});

test('boxes that are not finite, other endings and unreadable images are refused, nothing is left behind', async () => {
  const nowhere = { box: [Number.NaN, 0, Number.POSITIVE_INFINITY, 5], label: 'nowhere' } as const;
  await expect(drawBoxes(input, [nowhere], join(folder, 'b.png'))).rejects.toThrow(UsageError);
  await expect(drawBoxes(input, [], join(folder, 'a.bmp'))).rejects.toThrow(UsageError);
  await expect(drawBoxes(join(folder, 'none.png'), [], join(folder, 'b.png'))).rejects.toThrow(FileError);
  const left = await readdir(folder);
  expect(left.filter((name) => name.endsWith('.tmp') || name === 'b.png')).toEqual([]);
});

test('two expressions with one box show both colours and both labels', async () => {
  const box = [60, 60, 140, 120] as const;
  const at = await drawn('twins.png', [
    { box, label: 'the cup', color: '#ff0000' },
    { box, label: 'left one', color: '#00ff00' },
  ]);
  const found = { edge: new Set<string>(), labels: new Set<string>() };
  for (let x = 60; x < 140; x++) found.edge.add(at(x, 120).join());
  for (let y = 0; y < 160; y++)
    for (let x = 0; x < 200; x++) if (y < 57 || y > 123 || x < 57 || x > 143) found.labels.add(at(x, y).join());
  for (const color of ['255,0,0', '0,255,0']) {
    expect(found.edge).toContain(color);
    expect(found.labels).toContain(color);
  }
  expect(at(100, 90)).toEqual([255, 255, 255]);
});
