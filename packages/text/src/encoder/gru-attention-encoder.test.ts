import { createScope, declareParameters, fromFileLayout } from '@refclip/nn';
import { createEngine, hostTensor, type Program } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import fixture from './__fixtures__/encoder.json' with { type: 'json' };
import { gruAttentionEncoder } from './gru-attention-encoder.js';

const tokens = hostTensor(Int32Array.from(fixture.tokens.flat()), [2, 6]);
const { parameters: specs, masks } = declareParameters(
  (scope, inputs) => ({ ...gruAttentionEncoder(scope, inputs.tokens as tf.Tensor2D, fixture.options) }),
  { tokens },
);
const fileParameters: Record<string, { shape: number[]; values: number[] }> = fixture.parameters;
const gradients: Record<string, number[]> = fixture.gradients;
const values = Object.fromEntries(
  specs.map((spec) => {
    const { shape, values: data } = fileParameters[spec.name] as { shape: number[]; values: number[] };
    return [spec.name, fromFileLayout(spec, hostTensor(Float32Array.from(data), shape))];
  }),
);

/** Outputs, and the gradients of Σ factor·sentence by every parameter. */
const program: Program = (inputs) => {
  const names = specs.map(({ name }) => name);
  const run = (...tensors: tf.Tensor[]) => {
    const { scope } = createScope(Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor])), {
      training: true,
    });
    return gruAttentionEncoder(scope, inputs.tokens as tf.Tensor2D, fixture.options);
  };
  const given = names.map((name) => inputs[name] as tf.Tensor);
  const { grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    tf.sum(tf.mul(run(...tensors).sentenceEmbedding, tf.tensor(fixture.factor, [2, 8]))),
  )(given);
  return {
    ...run(...given),
    ...Object.fromEntries(names.map((name, i) => [`gradient/${name}`, grads[i] as tf.Tensor])),
  };
};

test('the names are the official ones', () => {
  expect(specs.map(({ name }) => name).sort()).toEqual(Object.keys(fixture.parameters).sort());
  expect(new Set(masks.map(({ name }) => name)).size).toBe(masks.length);
  expect(masks.length).toBe(5);
});

test.each(['compiled', 'cpu', 'wasm'] as const)('%s: values and gradients equal PyTorch', async (name) => {
  const engine = await createEngine({ engine: name });
  const executable = await engine.compile(program, { name: 'encoder', inputs: { tokens, ...values } });
  const results = await executable.run({ tokens, ...values });
  expect(results.sentenceEmbedding?.data).toBeAllClose(fixture.sentenceEmbedding, { rtol: 1e-5, atol: 1e-6 });
  expect(results.tokenFeatures?.data).toBeAllClose(fixture.tokenFeatures, { rtol: 1e-5, atol: 1e-6 });
  for (const spec of specs) {
    const { shape } = fileParameters[spec.name] as { shape: number[] };
    const expected = fromFileLayout(spec, hostTensor(Float32Array.from(gradients[spec.name] as number[]), shape));
    // Keys' biases have no gradient in exact arithmetic: the absolute term covers rounding.
    expect(results[`gradient/${spec.name}`]?.data).toBeAllClose(expected.data, { rtol: 1e-4, atol: 2e-6 });
  }
  await engine.dispose();
});
