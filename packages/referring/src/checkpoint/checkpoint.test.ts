import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStateDict } from '@refclip/formats';
import { initializeParameters } from '@refclip/nn';
import { type NamedConstants, readConstants } from '@refclip/runtime';
import { UsageError, WeightsError } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToyModel, toyKinds } from '../../test/toy-model.js';
import { saveWeights } from '../weights/save-weights.js';
import { deferCheckpoint } from './defer-checkpoint.js';
import { loadCheckpoint } from './load-checkpoint.js';
import { saveCheckpoint } from './save-checkpoint.js';

const vocabulary = Vocabulary.fromExpressions(['the red star', 'left']);
const model = createToyModel({ words: vocabulary.size, textHidden: 8 });
const values = initializeParameters(model.parameters, 3);
const notes = { epoch: '7' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a checkpoint is the whole model, read at once or when a program needs it', async () => {
  const file = join(folder, 'whole.safetensors');
  await saveCheckpoint(file, { model, values, vocabulary, notes });
  const read = await loadCheckpoint(file, toyKinds);
  expect(read.model.options).toEqual(model.options);
  expect(read.vocabulary.words).toEqual(vocabulary.words);
  expect(read.notes).toEqual(notes);
  expect(read.values).toEqual(values);
  const deferred = await deferCheckpoint(file, { kinds: toyKinds });
  expect(deferred.model.options).toEqual(model.options);
  expect(await readConstants(deferred.values as NamedConstants)).toEqual(values);
  await deferred.close();
});

test('the format is what the README says', async () => {
  const file = join(folder, 'format.safetensors');
  await saveCheckpoint(file, { model, values, vocabulary, notes });
  const { metadata, tensors, close } = await openStateDict(file);
  await close();
  expect(metadata).toEqual({
    format: 'refclip-checkpoint-1',
    model: 'refclip',
    options: JSON.stringify(model.options),
    vocabulary: JSON.stringify(vocabulary.words),
    epoch: '7',
  });
  expect([...tensors.keys()].sort()).toEqual(model.parameters.map(({ name }) => name).sort());
});

test('another kind of model is created by its own rule, with the size of the vocabulary', async () => {
  const file = join(folder, 'other.safetensors');
  const parameters = model.parameters.slice(0, 2);
  const other = { name: 'other', options: { depth: 1 }, parameters };
  await saveCheckpoint(file, { model: other, values, vocabulary, notes: {} });
  const asked: unknown[] = [];
  const restore = (options: object, words: number) => {
    asked.push(options, words);
    return other;
  };
  const { model: read } = await loadCheckpoint(file, { other: { restore } });
  expect([read, asked]).toEqual([other, [{ depth: 1 }, vocabulary.size]]);
  await expect(loadCheckpoint(file, toyKinds)).rejects.toThrow(/it is a other; expected refclip/);
});

test('what is no checkpoint is refused with what to do', async () => {
  const bare = join(folder, 'bare.safetensors');
  await saveWeights(bare, model.parameters, values);
  await expect(loadCheckpoint(bare, toyKinds)).rejects.toThrow(
    /weights without a description of their model.*saveCheckpoint.*import-weights/,
  );
  const described = (name: string, more: Record<string, string>) =>
    saveWeights(join(folder, name), model.parameters, values, {
      metadata: {
        format: 'refclip-checkpoint-1',
        options: JSON.stringify(model.options),
        vocabulary: JSON.stringify(vocabulary.words),
        ...more,
      },
    });
  // Files of the first versions do not name their model.
  await described('old', {});
  expect((await loadCheckpoint(join(folder, 'old'), toyKinds)).notes).toEqual({});
  await described('short', { vocabulary: JSON.stringify(vocabulary.words.slice(0, -1)) });
  await expect(loadCheckpoint(join(folder, 'short'), toyKinds)).rejects.toThrow(
    /words: 7, but the vocabulary has 6 entries/,
  );
  await described('text', { options: '{' });
  await expect(loadCheckpoint(join(folder, 'text'), toyKinds)).rejects.toThrow(/options.*not the JSON of a checkpoint/);
  await described('larger', { options: JSON.stringify({ ...model.options, textHidden: 16 }) });
  await expect(loadCheckpoint(join(folder, 'larger'), toyKinds)).rejects.toThrow(WeightsError);
});

test('a note may not take a name of the format, and nothing is written then', async () => {
  const file = join(folder, 'taken.safetensors');
  const bad = saveCheckpoint(file, { model, values, vocabulary, notes: { options: 'x' } });
  await expect(bad).rejects.toThrow(UsageError);
  expect(await readdir(folder)).not.toContain('taken.safetensors');
});
