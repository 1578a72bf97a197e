import { createScope, initializeParameters } from '@refclip/nn';
import { lowerGraph, optimizeGraph, recordProgram } from '@refclip/runtime';
import type * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { deformConv2dLowering } from '../ops/deform-conv2d-lowering.js';
import { createDetector } from './create-detector.js';
import { normalizeImages } from './normalize-images.js';

it('is compiled without transposes between its convolutions but for those of the deformable one', () => {
  const detector = createDetector({ width: 1 / 16, inputSize: 64, classes: 3 });
  const lowerings = [deformConv2dLowering];
  const recorded = recordProgram(
    ({ images }, weights) => {
      const { scope } = createScope(weights, { training: false });
      const { boxes, ...features } = detector.detect(scope, normalizeImages(images as tf.Tensor));
      return { ...features, boxes: boxes[32] as tf.Tensor };
    },
    {
      name: 'detector',
      inputs: { images: { shape: [1, 64, 64, 3], dtype: 'uint8' } },
      constants: initializeParameters(detector.parameters, 1),
      lowerings,
    },
  );
  const { graph } = lowerGraph(optimizeGraph(recorded), lowerings);
  const frozen = new Set(graph.initializer.map(({ name }) => name));
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node.op_type] as const)));
  const users = (name = '') => graph.node.filter(({ input }) => input.includes(name)).map(({ op_type }) => op_type);
  const moves = graph.node
    .filter(({ op_type, input: [from = ''] }) => op_type === 'Transpose' && !frozen.has(from))
    .map(({ input: [from = ''], output: [to = ''] }) => `${makers.get(from)} → ${users(to).join(', ') || to}`);
  expect(graph.node.filter(({ op_type }) => op_type === 'Conv')).toHaveLength(79);
  // The image comes in, maps and boxes go out, and the shapes of the guided anchors go to their decoding. The deformable convolution is a lowering of its own,
  // which gives its map channels last for the bias: the only two that stay, on the smallest map.
  expect(moves.toSorted()).toEqual([
    'Add → Conv',
    'Add → Conv',
    'Add → Reshape',
    'Add → Reshape',
    'DeformConv → Add',
    'LeakyRelu → feature13',
    'LeakyRelu → feature26',
    'LeakyRelu → feature52',
  ]);
});
