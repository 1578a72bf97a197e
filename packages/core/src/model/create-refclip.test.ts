import { createScope, declareParameters, initializeParameters } from '@refclip/nn';
import { createEngine, hostTensor, type NamedHostTensors, type Program, type TensorSpec } from '@refclip/runtime';
import { uniform } from '@refclip/testing';
import { normalizeImages } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRefClip } from './create-refclip.js';

const batch = 4;
const model = createRefClip({
  words: 20,
  width: 1 / 32,
  inputSize: 96,
  classes: 3,
  anchorsPerImage: 4,
  maxTokens: 5,
  wordDimension: 6,
  textHidden: 16,
  attentionLayers: 1,
});

function filled(specs: Readonly<Record<string, TensorSpec>>, seed: string): NamedHostTensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const size = shape.reduce((product, d) => product * d, 1);
      return [
        name,
        hostTensor(
          Float32Array.from(uniform(`${seed}:${name}`, size), (u) => 2 * u - 1),
          shape,
        ),
      ];
    }),
  );
}

const outputs = filled(model.detectorOutputSpecs(batch), 'outputs');
const tokens = hostTensor(Int32Array.from([3, 4, 5, 0, 0, 6, 7, 0, 0, 0, 8, 9, 10, 11, 12, 19, 1, 0, 0, 0]), [
  batch,
  5,
]);
const inputs = { ...outputs, tokens };
const { parameters: specs } = declareParameters((scope, given) => model.trainLoss(scope, given), inputs);
const values = initializeParameters(specs, 5);
const trained = specs
  .filter(({ kind, name }) => kind === 'parameter' && model.isTrainable(name))
  .map(({ name }) => name);

/** Loss, its gradients by every trained parameter, and the new running statistics. */
const program: Program = (given) => {
  const { grads, value } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const own = Object.fromEntries(trained.map((name, i) => [name, tensors[i] as tf.Tensor]));
    return model.trainLoss(createScope({ ...given, ...own }, { training: true }).scope, given).loss as tf.Scalar;
  })(trained.map((name) => given[name] as tf.Tensor));
  return { loss: value, ...Object.fromEntries(trained.map((name, i) => [`gradient/${name}`, grads[i] as tf.Tensor])) };
};

test('compiled, cpu and wasm give the same loss and gradients to 1e-4', async () => {
  const results: NamedHostTensors[] = [];
  for (const name of ['compiled', 'cpu', 'wasm'] as const) {
    const engine = await createEngine({ engine: name });
    const executable = await engine.compile(program, { name: 'loss', inputs: { ...inputs, ...values } });
    results.push(await executable.run({ ...inputs, ...values }));
    await engine.dispose();
  }
  const [compiled, ...others] = results as [NamedHostTensors, ...NamedHostTensors[]];
  expect(Number.isFinite(compiled.loss?.data[0])).toBe(true);
  const norm = (data: ArrayLike<number>) => Math.sqrt(Array.from(data).reduce((sum, value) => sum + value * value, 0));
  for (const other of others) {
    for (const [name, { data }] of Object.entries(other)) {
      const mine = compiled[name]?.data as Float32Array;
      const difference = norm(Array.from(data, (value, i) => value - (mine[i] as number)));
      // Parameters whose gradient is zero in exact arithmetic hold rounding noise of about 1e-8.
      expect(difference, name).toBeLessThanOrEqual(1e-4 * norm(data) + 1e-6);
    }
  }
});

test('detector outputs keep boxes, objectness and the best category', () => {
  void tf.setBackend('cpu');
  const images = tf.tensor4d(
    Array.from(uniform('images', 2 * 96 * 96 * 3), (u) => Math.floor(256 * u)),
    [2, 96, 96, 3],
  );
  const { parameters } = declareParameters(
    (scope, given) => model.detectorOutputs(scope.frozen(), given.images as tf.Tensor4D),
    {
      images: { shape: [2, 96, 96, 3], dtype: 'float32' },
    },
  );
  const weights = Object.fromEntries(
    Object.entries(initializeParameters(parameters, 5)).map(([name, t]) => [name, tf.tensor(t.data, [...t.shape])]),
  );
  const { scope } = createScope(weights, { training: false });
  const all = model.detector.detect(scope.child('visual_encoder').frozen(), normalizeImages(images)).boxes[32];
  const rows = all?.reshape([-1, 8]).arraySync() as number[][];
  const { boxes } = model.detectorOutputs(scope, images);
  expect(boxes.shape).toEqual(model.detectorOutputSpecs(2).boxes.shape);
  const expected = rows.map((row) => [...row.slice(0, 5), row.slice(5).indexOf(Math.max(...row.slice(5)))]);
  expect(new Set(expected.map((row) => row[5])).size).toBeGreaterThan(1);
  expect(boxes.reshape([-1, 6]).arraySync()).toEqual(expected);
});

test("the paper's model has the official names and shapes", async () => {
  const { fileShape } = await import('@refclip/nn');
  const { default: official } = await import('./__fixtures__/state-dict-refcoco.json', { with: { type: 'json' } });
  const own = Object.fromEntries(
    createRefClip({ words: 10000 }).parameters.map((spec) => [spec.name, fileShape(spec)]),
  );
  expect(own).toEqual(official);
});
