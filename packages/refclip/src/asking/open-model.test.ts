import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRefClip } from '@refclip/core';
import { decodeImage, letterboxPixels } from '@refclip/images';
import { initializeParameters } from '@refclip/nn';
import { createLocator, type LocatedBox, saveCheckpoint } from '@refclip/referring';
import { createEngine, type NamedHostTensors } from '@refclip/runtime';
import { clipBox, DataFormatError, FileError, letterboxToImage, UsageError, type XyxyBox } from '@refclip/structures';
import { createSimRec } from '@refclip/students';
import { Vocabulary } from '@refclip/text';
import { deformConv2dLowering } from '@refclip/vision';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from './open-model.js';
import type { Answer } from './opened-model.js';

const vocabulary = Vocabulary.fromExpressions(['the red star', 'left circle']);
const model = createRefClip({
  words: vocabulary.size,
  width: 1 / 32,
  inputSize: 64,
  classes: 2,
  anchorsPerImage: 3,
  maxTokens: 4,
  wordDimension: 3,
  textHidden: 8,
});
const values = initializeParameters(model.parameters, 3);
const questions = ['the red star', 'left circle', 'star left'];

let folder: string;
let file: string;
let photo: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-open-'));
  file = join(folder, 'model.safetensors');
  await saveCheckpoint(file, { model, values, vocabulary, notes: { epoch: '7' } });
  photo = join(folder, 'photo.jpg');
  const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => (at * 37) % 251);
  await sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } })
    .jpeg()
    .toFile(photo);
});
afterAll(() => rm(folder, { recursive: true }));

const open = (options = {}) => openModel(file, { cacheDirectory: null, ...options });

/** The same by hand: letterbox, encode, locate, and back to the picture. */
async function byHand(): Promise<Pick<Answer, 'box' | 'unclippedBox' | 'score' | 'confidence'>[]> {
  const image = await decodeImage(photo);
  const { pixels, letterbox } = letterboxPixels(image, 64);
  const engine = await createEngine({ lowerings: [deformConv2dLowering] });
  const locator = createLocator({ engine, model, values, textBatch: 3 });
  const [encoded] = await locator.encodeImages(await locator.imageInputs([pixels]));
  const tokens = vocabulary.encode(questions, model.maxTokens);
  const located = await locator.locate(
    questions.map(() => encoded as NamedHostTensors),
    tokens,
  );
  await locator.dispose();
  await engine.dispose();
  return located.map(({ box, score, confidence }: LocatedBox) => {
    const unclippedBox = letterboxToImage(box as XyxyBox, letterbox);
    return { box: clipBox(unclippedBox, 40, 30), unclippedBox, score, confidence };
  });
}

function expectClose(answers: readonly Answer[], expected: Awaited<ReturnType<typeof byHand>>): void {
  expect(answers.map(({ expression }) => expression)).toEqual(questions);
  answers.forEach((answer, at) => {
    const { box, unclippedBox, score, confidence } = expected[at] as (typeof expected)[number];
    expect(answer.box).toBeAllClose(box as XyxyBox, { rtol: 1e-4, atol: 1e-3 });
    expect(answer.unclippedBox).toBeAllClose(unclippedBox as XyxyBox, { rtol: 1e-4, atol: 1e-3 });
    expect(answer.score).toBeCloseTo(score as number, 4);
    expect(answer.confidence).toBeCloseTo(confidence as number, 4);
  });
}

test('answers what the parts answer, however the picture is given', async () => {
  const expected = await byHand();
  const model = await open();
  expect(model.name).toBe('refclip');
  expect(model.notes).toEqual({ epoch: '7' });
  expect(model.words).toEqual(vocabulary.words);
  const bytes = await readFile(photo);
  for (const picture of [photo, pathToFileURL(photo), bytes, new Uint8Array(bytes), await decodeImage(photo)])
    expectClose(await model.ground(picture, questions), expected);
  const [alone] = await model.ground(photo, ['left circle']);
  expect(alone?.box).toBeAllClose(expected[1]?.box as XyxyBox, { rtol: 1e-4, atol: 1e-3 });
  await model.close();
});

test('threads answer the same, in the order of each question, and say why they cannot', async () => {
  const expected = await byHand();
  const model = await open({ workers: 2 });
  const all = await Promise.all(Array.from({ length: 5 }, () => model.ground(photo, questions)));
  for (const answers of all) expectClose(answers, expected);
  await expect(model.ground(join(folder, 'none.jpg'), ['star'])).rejects.toMatchObject({ code: 'file' });
  await expect(model.ground(photo, [' . '])).rejects.toMatchObject({ code: 'usage' });
  // What a thread cannot be sent takes none away: as many questions as there are threads, and the next is answered.
  const odd = { pixels: new Uint8Array(3), width: 1, height: 1, show: () => {} };
  for (let at = 0; at < 2; at++) expect(await model.ground(odd, ['left circle'])).toHaveLength(1);
  for (const wrong of [[() => {}], 'star'] as unknown as string[][])
    await expect(model.ground(photo, wrong)).rejects.toThrow(/expected .*expressions/);
  const last = model.ground(photo, questions);
  await model.close();
  expectClose(await last, expected);
  await expect(model.ground(photo, questions)).rejects.toThrow(UsageError);
  await expect(openModel(join(folder, 'none.safetensors'), { workers: 1 })).rejects.toMatchObject({ code: 'file' });
});

test('boxes are in pixels of the picture as people see it', async () => {
  const upright = await sharp(photo).rotate(90).png().toBuffer();
  const turned = await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).png().toBuffer();
  const model = await open();
  const [expected] = await model.ground(upright, ['the red star']);
  const [answer] = await model.ground(turned, ['the red star']);
  expect(answer?.box).toEqual(expected?.box);
  await model.close();
});

describe('words', () => {
  test('an expression without a known word gets no box; unknown and unread words are named', async () => {
    const model = await open();
    const [none, some, long] = await model.ground(photo, ['zebra', 'red zebra', 'the left circle the star the red']);
    expect(none).toMatchObject({ box: null, unclippedBox: null, score: null, confidence: null });
    expect(none?.unknownWords).toEqual(['zebra']);
    expect(some?.unknownWords).toEqual(['zebra']);
    expect(some?.box).toHaveLength(4);
    expect(long?.unreadWords).toEqual(['star', 'the', 'red']);
    expect(await model.ground(photo, [])).toEqual([]);
    await model.close();
  });
});

test('a student opens by its own file', async () => {
  const simrec = createSimRec({
    words: vocabulary.size,
    width: 1 / 8,
    depth: 1 / 3,
    inputSize: 64,
    wordDimension: 4,
    hidden: 16,
  });
  const file = join(folder, 'student.safetensors');
  await saveCheckpoint(file, {
    model: simrec,
    values: initializeParameters(simrec.parameters, 1),
    vocabulary,
    notes: {},
  });
  const model = await openModel(file, { cacheDirectory: null });
  expect(model.name).toBe('simrec');
  const [answer] = await model.ground(photo, ['red star']);
  expect(answer?.box).toHaveLength(4);
  await model.close();
});

test('what cannot be answered is refused', async () => {
  const model = await open();
  await expect(model.ground(join(folder, 'none.jpg'), ['star'])).rejects.toThrow(FileError);
  await expect(model.ground(new TextEncoder().encode('<html>'), ['star'])).rejects.toThrow(DataFormatError);
  await expect(model.ground('https://example.org/a.jpg', ['star'])).rejects.toThrow(/Fetch it first/);
  const raw = { pixels: new Uint8Array(16), width: 2, height: 2 };
  await expect(model.ground(raw, ['star'])).rejects.toThrow(/16 bytes .* expected a Uint8Array of 12/);
  await expect(model.ground({ ...raw, width: 0 }, ['star'])).rejects.toThrow(UsageError);
  await expect(model.ground(photo, ['star', ' . ', '?'])).rejects.toThrow(/" \. ", "\?": expected expressions/);
  await expect(model.ground(undefined as unknown as string, ['star'])).rejects.toThrow(/a picture is undefined/);
  await model.close();
  await expect(openModel(photo)).rejects.toThrow(DataFormatError);
  await expect(open({ workers: -1 })).rejects.toThrow(UsageError);
});
