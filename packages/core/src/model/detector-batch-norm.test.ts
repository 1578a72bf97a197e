import { createTrainStep, initializeParameters, modelValues } from '@refclip/nn';
import { stackTensors } from '@refclip/referring';
import { createEngine, hostTensor } from '@refclip/runtime';
import { uniform } from '@refclip/testing';
import { expect, test } from 'vitest';
import { createRefClip } from './create-refclip.js';

const sizes = {
  words: 12,
  width: 1 / 32,
  inputSize: 64,
  classes: 3,
  anchorsPerImage: 3,
  maxTokens: 4,
  wordDimension: 6,
  textHidden: 16,
  attentionLayers: 1,
  dropout: 0,
};
const batch = 2;
const image = (name: string) =>
  hostTensor(
    Uint8Array.from(uniform(name, 64 * 64 * 3), (u) => Math.floor(256 * u)),
    [64, 64, 3],
    'uint8',
  );

test('batch: the detector runs in the step, its running statistics drift and are averaged, its parameters stay', async () => {
  const model = createRefClip({ ...sizes, detectorBatchNorm: 'batch' });
  expect(model.frozenOutputs).toBeUndefined();
  const values = initializeParameters(model.parameters, 3);
  const step = createTrainStep({
    loss: (scope, inputs) => model.trainLoss(scope, inputs),
    batch: { ...model.imageInputs(batch), tokens: { shape: [batch, 4], dtype: 'int32' } },
    values,
    trainable: model.isTrainable,
  });
  const engine = await createEngine({ engine: 'cpu' });
  const executable = await engine.compileStateful(step.program, { name: 'step', ...step });
  const inputs = {
    ...stackTensors([{ images: image('a') }, { images: image('b') }], model.imageInputs(batch)),
    tokens: hostTensor(Int32Array.of(3, 4, 0, 0, 5, 6, 7, 0), [batch, 4]),
    learningRate: hostTensor(Float32Array.of(1e-3), []),
  };
  const { loss } = await executable.step(inputs);
  expect(Number.isFinite(loss?.data[0])).toBe(true);
  const state = await executable.readState();
  const now = modelValues(state, step.constants, { average: false });
  const average = modelValues(state, step.constants, { average: true });
  const detector = Object.keys(now).filter((name) => name.startsWith('visual_encoder.'));
  const means = detector.filter((name) => name.endsWith('running_mean'));
  expect(means.length).toBeGreaterThan(50);
  for (const name of means) {
    expect(now[name]?.data, name).not.toEqual(values[name]?.data);
    // The first update weighs the new value with 0.9.
    const expected = Array.from(now[name]?.data ?? [], (value, i) => 0.9 * value + 0.1 * (values[name]?.data[i] ?? 0));
    expect(average[name]?.data, name).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-7 });
  }
  for (const name of detector.filter((other) => !/running_|num_batches/.test(other)))
    expect(now[name]?.data, name).toEqual(values[name]?.data);
  await engine.dispose();
});

test('frozen: the detector is a constant of the image', () => {
  const model = createRefClip(sizes);
  expect(model.frozenOutputs).toBeDefined();
  expect(Object.keys(model.imageInputs(batch)).sort()).toEqual(['boxes', 'feature13', 'feature26', 'feature52']);
});
