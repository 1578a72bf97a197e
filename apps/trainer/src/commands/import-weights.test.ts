import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, loadCheckpoint, loadConfig, loadVocabulary } from '@refclip/app-shared';
import { encodeTorch, type FormatTensor, openStateDict, writePieces } from '@refclip/formats';
import { initializeParameters, toFileLayout } from '@refclip/nn';
import { visualEncoderSpecs } from '@refclip/referring';
import type { HostTensor } from '@refclip/runtime';
import { WeightsError } from '@refclip/structures';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addImportCommands } from './import-weights.js';

let folder: string;
const at = (name: string) => join(folder, name);

/** The model as the official code would save it, and its values here. */
let official: Record<string, FormatTensor>;
let values: Readonly<Record<string, HostTensor>>;

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = await mkdtemp(join(tmpdir(), 'refclip-import-'));
  await writeFile(
    at('tiny.yaml'),
    `
name: tiny
runs: runs
data:
  annotations: scenes/annotations.json
  images: scenes/images
  synthesize: { directory: scenes, seed: 2, imageSize: 96, train: 3, val: 1, testA: 1, testB: 1 }
model: { width: 0.03125, inputSize: 96, classes: 64, anchorsPerImage: 4, attentionLayers: 1, textHidden: 16, maxTokens: 8 }
wordVectors: { dimension: 8 }
detector: { weights: null, cache: { directory: cache } }
`,
  );
  const config = await loadConfig(at('tiny.yaml'), [], folder);
  const model = createModel(config, (await loadVocabulary(config)).size);
  values = initializeParameters(model.parameters, 4);
  official = Object.fromEntries(
    model.parameters.map((spec): [string, FormatTensor] => {
      const { data, shape, dtype } = toFileLayout(spec, values[spec.name] as HostTensor);
      const counter = dtype === 'int32';
      return [
        spec.name,
        counter
          ? { shape, dtype: 'I64', data: BigInt64Array.from(data, BigInt) }
          : { shape, dtype: 'F32', data: data as Float32Array },
      ];
    }),
  );
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function run(command: string, weights: string, out: string, file = 'tiny.yaml'): Promise<void> {
  const program = new Command().exitOverride();
  addImportCommands(program);
  const config = command === 'import-weights' ? ['--config', at(file)] : [];
  await program.parseAsync([command, '--weights', at(weights), '--out', at(out), ...config], { from: 'user' });
}
const rename = (name: (old: string) => string | undefined) =>
  Object.fromEntries(
    Object.entries(official).flatMap(([old, tensor]) => {
      const given = name(old);
      return given === undefined ? [] : [[given, tensor]];
    }),
  );
async function everyTensor(file: string): Promise<Record<string, FormatTensor>> {
  const dict = await openStateDict(file);
  const read = await Promise.all([...dict.tensors].map(async ([name, tensor]) => [name, await tensor.read()] as const));
  await dict.close();
  return Object.fromEntries(read);
}

test('a checkpoint of several GPUs comes in and goes back out without a change', async () => {
  const state_dict = rename((name) => `module.${name}`);
  await writePieces(at('last.pth'), encodeTorch({ epoch: 24, lr: 1e-6, optimizer: { state: {} }, state_dict }));
  await run('import-weights', 'last.pth', 'last.safetensors');
  const checkpoint = await loadCheckpoint(at('last.safetensors'));
  expect(checkpoint.values).toEqual(values);
  expect(checkpoint.notes).toMatchObject({ epoch: '24' });
  await run('export-pth', 'last.safetensors', 'back.pth');
  expect(await everyTensor(at('back.pth'))).toEqual(official);
  const back = await openStateDict(at('back.pth'));
  expect(back.metadata.epoch).toBe('24');
  await back.close();
});

test('the weights of a detector come in and go back out without a change', async () => {
  const detector = rename((name) => /^visual_encoder\.(.*)$/.exec(name)?.[1]);
  await writePieces(at('yolo.pth'), encodeTorch(detector, { container: 'legacy' }));
  await run('import-weights', 'yolo.pth', 'yolo.safetensors');
  await run('export-pth', 'yolo.safetensors', 'yolo-back.pth');
  expect(await everyTensor(at('yolo-back.pth'))).toEqual(detector);
});

test("Darknet's numbers come in as the trunk", async () => {
  const trunk = Object.entries(official).filter(
    ([name]) => /^visual_encoder\.module_list\.(\d|10)\./.test(name) && !name.endsWith('num_batches_tracked'),
  );
  const count = trunk.reduce((sum, [, { data }]) => sum + data.length, 0);
  const header = Buffer.from(Int32Array.of(0, 2, 5, 0, 0).buffer);
  const numbers = Buffer.from(Float32Array.from({ length: count }, (_, i) => i).buffer);
  await writeFile(at('darknet.weights'), Buffer.concat([header, numbers]));
  await run('import-weights', 'darknet.weights', 'trunk.safetensors');
  const read = await everyTensor(at('trunk.safetensors'));
  const named = trunk.map(([name]) => name.slice('visual_encoder.'.length));
  expect(Object.keys(read).filter((name) => !name.endsWith('num_batches_tracked'))).toEqual(named.sort());
  expect(read['module_list.0.batch_norm.bias']?.data[1]).toBe(1);
});

test("a student's trunk comes out of the files that the official code begins with", async () => {
  const text = await readFile(at('tiny.yaml'), 'utf8');
  const trunkOf = async (name: 'simrec' | 'realgin') => {
    const model = `model: { name: ${name}, width: 0.03125, depth: 0.1, inputSize: 64, textHidden: 16, hidden: 16 }`;
    await writeFile(at(`${name}.yaml`), text.replace(/model: .*/, model));
    const config = await loadConfig(at(`${name}.yaml`), [], folder);
    return visualEncoderSpecs(createModel(config, 3));
  };
  // A whole YOLOv5: CSPDarkNet is its layers 0 to 9.
  const specs = await trunkOf('simrec');
  const own = initializeParameters(specs, 6);
  const yolov5 = Object.fromEntries(
    specs
      .filter(({ dtype }) => dtype === 'float32')
      .map((spec): [string, FormatTensor] => {
        const { data, shape } = toFileLayout(spec, own[spec.name] as HostTensor);
        return [spec.name, { shape, dtype: 'F32', data: data as Float32Array }];
      }),
  );
  const neck = { shape: [2, 2, 1, 1], dtype: 'F32', data: new Float32Array(4) } as const;
  await writePieces(at('yolov5.pth'), encodeTorch({ ...yolov5, 'model.10.conv.weight': neck }));
  await run('import-weights', 'yolov5.pth', 'csp.safetensors', 'simrec.yaml');
  expect(await everyTensor(at('csp.safetensors'))).toMatchObject(yolov5);
  await writePieces(at('other.pth'), encodeTorch({ ...yolov5, 'neck.conv.weight': neck }));
  await expect(run('import-weights', 'other.pth', 'no.safetensors', 'simrec.yaml')).rejects.toThrow('neck.conv.weight');

  // YOLOv3 up to its first output: Darknet-53 and RealGIN's layers 11 to 13.
  const layers = (await trunkOf('realgin')).filter(({ dtype }) => dtype === 'float32');
  const count = layers.reduce((sum, { shape }) => sum + shape.reduce((product, d) => product * d, 1), 0);
  const header = Buffer.from(Int32Array.of(0, 2, 5, 0, 0).buffer);
  await writeFile(
    at('yolov3.weights'),
    Buffer.concat([header, Buffer.from(Float32Array.from({ length: count }, (_, i) => i).buffer)]),
  );
  await run('import-weights', 'yolov3.weights', 'realgin.safetensors', 'realgin.yaml');
  const read = await everyTensor(at('realgin.safetensors'));
  expect(read['module_list.13.conv.weight']?.data.at(-1)).toBe(count - 1);
  expect(layers.filter(({ name }) => !(name in read))).toEqual([]);
  await expect(run('import-weights', 'yolov3.weights', 'no.safetensors', 'simrec.yaml')).rejects.toThrow(
    'no Darknet-53',
  );
});

test('what does not fit is refused with every name, and nothing is written', async () => {
  const { 'linear_ts.bias': _, ...rest } = official;
  await writePieces(at('wrong.pth'), encodeTorch({ state_dict: { ...rest, extra: official['linear_vs.bias'] } }));
  const error = await run('import-weights', 'wrong.pth', 'wrong.safetensors').catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(WeightsError);
  expect((error as Error).message).toMatch(/missing linear_ts\.bias \[16\][\s\S]*unexpected extra \[16\]/);
  const embedding = 'lang_encoder.embedding.weight';
  const smaller = { ...official, [embedding]: { shape: [5, 8], dtype: 'F32', data: new Float32Array(40) } };
  await writePieces(at('words.pth'), encodeTorch(smaller));
  await expect(run('import-weights', 'words.pth', 'words.safetensors')).rejects.toThrow(
    /it has 5 words; the vocabulary of/,
  );
  await expect(openStateDict(at('wrong.safetensors'))).rejects.toThrow('cannot be read');
});

test('names of outputs must say what they are', async () => {
  await expect(run('import-weights', 'last.pth', 'x.pth')).rejects.toThrow('ends in .safetensors');
  await expect(run('export-pth', 'last.safetensors', 'x.bin')).rejects.toThrow('ends in .pth');
});
