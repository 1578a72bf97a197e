import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeNpz,
  encodeTorch,
  type FormatTensor,
  openStateDict,
  writePieces,
  writeSafetensors,
} from '@refclip/formats';
import { fileShape, initializeParameters, toFileLayout } from '@refclip/nn';
import { type HostTensor, type NamedConstants, readConstants } from '@refclip/runtime';
import { WeightsError } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel, detectorParameters, isUnusedHead } from '../../test/toy-model.js';
import { deferWeights } from './defer-weights.js';
import { assertUntouched, fileDigest } from './file-digest.js';
import { loadWeights } from './load-weights.js';
import { saveWeights } from './save-weights.js';

const { parameters } = createToyModel({ words: 6, textHidden: 8 });
const values = initializeParameters(parameters, 3);

/** The model as PyTorch would save it. */
const official = Object.fromEntries(
  parameters.map((spec): [string, FormatTensor] => {
    const { data, shape, dtype } = toFileLayout(spec, values[spec.name] as HostTensor);
    return dtype === 'int32'
      ? [spec.name, { shape, dtype: 'I64', data: BigInt64Array.from(data, BigInt) }]
      : [spec.name, { shape, dtype: 'F32', data: data as Float32Array }];
  }),
);
const start = 'visual_encoder.';
const detectorValues = Object.fromEntries(
  detectorParameters.map(({ name }) => [name, values[start + name] as HostTensor]),
);
const renamed = (rename: (name: string) => string | undefined) =>
  Object.fromEntries(
    Object.entries(official).flatMap(([name, tensor]) => {
      const other = rename(name);
      return other === undefined ? [] : [[other, tensor]];
    }),
  );
const parallel = renamed((name) => `module.${name}`);
const inner = renamed((name) => (name.startsWith(start) ? name.slice(start.length) : undefined));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-weights-'));
});
afterAll(() => rm(directory, { recursive: true }));
const written = async (name: string, pieces: Iterable<Uint8Array>) => {
  await writePieces(join(directory, name), pieces);
  return join(directory, name);
};

describe('a whole model', () => {
  it.each([
    ['a checkpoint of several GPUs', () => encodeTorch({ epoch: 7, lr: 0.1, optimizer: {}, state_dict: parallel })],
    ['an old container', () => encodeTorch({ state_dict: parallel }, { container: 'legacy' })],
    ['a bare state dict', () => encodeTorch(official)],
    ['NumPy arrays', () => encodeNpz(official)],
  ])('is read from %s, unused projections and heads included', async (name, pieces) => {
    const { values: read } = await loadWeights(await written(name, pieces()), parameters);
    expect(read).toEqual(values);
  });

  it('goes to safetensors and back to PyTorch without a change', async () => {
    const file = join(directory, 'own.safetensors');
    await saveWeights(file, parameters, values, { metadata: { note: 'x' } });
    const own = await openStateDict(file);
    expect(own.metadata).toEqual({ note: 'x' });
    expect([...own.tensors.keys()].sort()).toEqual(Object.keys(official).sort());
    await own.close();
    expect((await loadWeights(file, parameters)).values).toEqual(values);
  });
});

describe('a detector', () => {
  it.each([
    ['a file of its own', inner],
    ['a whole model', official],
    ['a whole model of several GPUs', parallel],
  ])('is read from %s', async (name, tensors) => {
    const file = await written(name, encodeTorch(tensors));
    expect((await loadWeights(file, detectorParameters, { within: start })).values).toEqual(detectorValues);
  });

  it('may lack the counters of BatchNorm, which are 0 then, and the heads that are not run', async () => {
    const old = Object.fromEntries(
      Object.entries(inner).filter(([name]) => !name.endsWith('num_batches_tracked') && !isUnusedHead(name)),
    );
    const file = await written('old.pth', encodeTorch(old));
    const { values: read } = await loadWeights(file, detectorParameters, { within: start, optional: isUnusedHead });
    expect(read).toEqual(Object.fromEntries(Object.entries(detectorValues).filter(([name]) => !isUnusedHead(name))));
  });
});

describe('files that do not fit', () => {
  it('are refused with every name and shape before a value is read', async () => {
    const [first, second] = parameters.filter(({ kind }) => kind === 'parameter').map(({ name }) => name) as [
      string,
      string,
    ];
    const { [first]: _, ...rest } = official;
    const file = await written(
      'wrong.pth',
      encodeTorch({
        ...rest,
        [second]: { shape: [1, 2], dtype: 'F32', data: new Float32Array(2) },
        'extra.weight': { shape: [3], dtype: 'F32', data: new Float32Array(3) },
      }),
    );
    const error = await loadWeights(file, parameters).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(WeightsError);
    const { missing, unexpected, mismatched, message } = error as WeightsError;
    expect(missing).toEqual([first]);
    expect(unexpected).toEqual(['extra.weight']);
    expect(mismatched).toMatchObject([{ name: second, actual: [1, 2] }]);
    const shape = fileShape(parameters.find(({ name }) => name === first)!);
    expect(message).toContain(`missing ${first} [${shape.join(', ')}]`);
    expect(message).toContain('unexpected extra.weight [3]');
  });

  it('are refused when no name matches', async () => {
    const file = join(directory, 'foreign.safetensors');
    await writeSafetensors(file, { 'backbone.0.weight': { shape: [1], dtype: 'F32', data: Float32Array.of(1) } });
    await expect(loadWeights(file, detectorParameters, { optional: () => true })).rejects.toThrow(
      'No name of the file is one of the model',
    );
  });
});

describe('deferWeights', () => {
  it('gives the tensors of loadWeights, each when it is read, and the same digests for the same content', async () => {
    const file = join(directory, 'deferred.safetensors');
    await saveWeights(file, parameters, values, { metadata: { note: 'kept' } });
    const deferred = await deferWeights(file, parameters);
    expect(deferred.metadata.note).toBe('kept');
    expect(await readConstants(deferred.values)).toEqual((await loadWeights(file, parameters)).values);
    await deferred.close();
    const copy = join(directory, 'copy.safetensors');
    await copyFile(file, copy);
    const again = await deferWeights(copy, parameters);
    await again.close();
    const digests = (constants: NamedConstants) =>
      Object.values(constants).map((tensor) => ('digest' in tensor ? tensor.digest : ''));
    expect(digests(again.values)).toEqual(digests(deferred.values));
    expect(new Set(digests(again.values)).size).toBe(parameters.length);
  });

  it('refuses what loadWeights refuses', async () => {
    const file = join(directory, 'inner.safetensors');
    await writeSafetensors(file, inner);
    await expect(deferWeights(file, parameters)).rejects.toThrow(WeightsError);
  });
});

describe('fileDigest', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  it('remembers an untouched file and notices a changed one, even of the same size and time', async () => {
    const [file, memory] = [join(directory, 'digested'), join(directory, 'digests')];
    await writeFile(file, 'one');
    expect((await fileDigest(file, memory)).digest).toBe(sha256('one'));
    const [note] = (await readdir(memory)) as [string];
    // A digest that was remembered is believed, as long as the file is as it was.
    const line = await readFile(join(memory, note), 'utf8');
    await writeFile(join(memory, note), `${'f'.repeat(64)}${line.slice(64)}`);
    const { digest, state } = await fileDigest(file, memory);
    expect(digest).toBe('f'.repeat(64));
    await expect(assertUntouched(file, state)).resolves.toBeUndefined();
    const { atime, mtime } = await stat(file);
    await writeFile(file, 'two');
    await utimes(file, atime, mtime);
    await expect(assertUntouched(file, state)).rejects.toThrow(/digested.*written to while/s);
    expect((await fileDigest(file, memory)).digest).toBe(sha256('two'));
  });

  it('does without a memory that cannot be written', async () => {
    const file = join(directory, 'digested');
    expect((await fileDigest(file, join(file, 'no folder'))).digest).toBe((await fileDigest(file)).digest);
  });

  it('names a file that is not there', async () => {
    await expect(fileDigest(join(directory, 'nothing'))).rejects.toThrow(/nothing.*ENOENT/s);
  });
});
