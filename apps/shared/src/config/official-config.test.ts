import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@refclip/structures';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from './load-config.js';

// The keys and values of config/refcoco.yaml in RefCLIP's official release (kingthreestones/RefCLIP), written down anew.
const official = `
MODEL: { MODEL: RefCLIP, USE_GLOVE: True, WORD_EMBED_SIZE: 300, EMBED_FREEZE: True, HIDDEN_SIZE: 512, DROPOUT_R: 0.1, MULTI_HEAD: 8,
  FF_SIZE: 2048, FLAT_GLIMPSES: 1, LANG_ENC: lstm, N_SA: 3, VIS_ENC: yolov3, VIS_FREEZE: True, SELECT_NUM: 17, CLASS_NUM: 80 }
TRAIN: { GPU: [3], BATCH_SIZE: 64, NUM_WORKER: 8, LR: 0.0001, EPOCHS: 25, LR_DECAY_R: 0.2, PRINT_FREQ: 100, LOG_PATH: ./logs/refcoco,
  LOG_IMAGE: False, PRETRAIN_WEIGHT: ./yolov3_coco.pth, RESUME_PATH: '', SCHEDULER: wcosine, MIN_LR: 0.000001, WARMUP_LR: 0.0000001,
  WARMUP: 3, USE_EMA: True, OPT: Adam, OPT_PARAMS: {betas: '(0.9, 0.98)', eps: '1e-9'}, GRAD_NORM_CLIP: 0.15, AMP: False, SEED: 123456 }
DISTRIBUTED: { NODE_ID: 0, WORLD_SIZE: 1, DIST_URL: "tcp://127.0.0.1:12345", MULTIPROCESSING_DISTRIBUTED: True, RANK: 0 }
DATA: { DATASET: refcoco, MAX_TOKEN: 15, INPUT_SHAPE: [416,416], MEAN: [0.485, 0.456, 0.406], STD: [0.229, 0.224, 0.225],
  ANN_PATH: { refcoco: ./data/anns/refcoco.json, referit: ./data/anns/refclef.json },
  IMAGE_PATH: { refcoco: ./data/images/train2014, referit: ./data/images/refclef } }
`;

async function load(text: string, assignments: readonly string[] = []) {
  const file = join(await mkdtemp(join(tmpdir(), 'refclip-official-')), 'official.yaml');
  await writeFile(file, text);
  return await loadConfig(file, assignments, '/project');
}

test('an official file is accepted as it is and means what configs/refcoco.yaml means', async () => {
  const config = await load(official);
  const own = await loadConfig(fileURLToPath(new URL('../../../../configs/refcoco.yaml', import.meta.url)));
  for (const section of ['name', 'seed', 'model', 'training', 'evaluation'] as const)
    expect(config[section], section).toEqual(own[section]);
  expect(config.data).toMatchObject({
    annotations: '/project/data/anns/refcoco.json',
    images: '/project/data/images/train2014',
  });
  expect(config.runs).toBe('/project/logs');
  expect(config.detector).toMatchObject({ weights: '/project/yolov3_coco.pth', batchNorm: 'frozen' });
  expect(config.wordVectors).toMatchObject({
    kind: 'file',
    dimension: 300,
    file: '/project/data/vectors/refcoco.safetensors',
  });
});

test('ReferItGame has its own sizes and splits, --set has the last word', async () => {
  const tree = parse(official) as { DATA: Record<string, unknown>; MODEL: Record<string, unknown> };
  Object.assign(tree.DATA, { DATASET: 'referit', MAX_TOKEN: 20 });
  Object.assign(tree.MODEL, { N_SA: 1, SELECT_NUM: 34, CLASS_NUM: 100 });
  const config = await load(stringify(tree), ['detector.batchNorm=batch', 'training.epochs=2']);
  const own = await loadConfig(fileURLToPath(new URL('../../../../configs/referit.yaml', import.meta.url)));
  expect(config.model).toEqual(own.model);
  expect(config.evaluation).toEqual(own.evaluation);
  expect(config.data.annotations).toBe('/project/data/anns/refclef.json');
  expect([config.detector.batchNorm, config.training.epochs]).toEqual(['batch', 2]);
});

test('unknown keys and what cannot be followed are refused together', async () => {
  const error = await load(
    official.replace('AMP: False', 'AMP: True, EXTRA: 1').replace('SCHEDULER: wcosine', 'SCHEDULER: step'),
  ).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).problems.map(({ path }) => path).sort()).toEqual([
    'TRAIN.AMP',
    'TRAIN.EXTRA',
    'TRAIN.SCHEDULER',
  ]);
});
