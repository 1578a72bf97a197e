import { createTrainStep, initializeParameters } from '@refclip/nn';
import { createEngine, hostTensor } from '@refclip/runtime';
import { uniform } from '@refclip/testing';
import { expect, test } from 'vitest';
import { deformConv2dLowering } from '../ops/deform-conv2d-lowering.js';
import { createDetector } from '../yolov3/create-detector.js';
import { detectionTargets } from './detection-targets.js';
import { pretrainingBatch, pretrainingHead, pretrainingLoss } from './pretraining-loss.js';

const priors = [
  [30, 30],
  [60, 60],
  [90, 60],
] as const;
const detector = createDetector({
  width: 1 / 16,
  depth: 0.2,
  inputSize: 96,
  classes: 3,
  priors: { 32: priors, 16: priors, 8: priors },
});

test('targets: the cell of the centre, the best prior, ignored near-misses', () => {
  const { data, shape } = detectionTargets([[{ box: [40, 70, 58, 58], category: 2 }]], {
    stride: 32,
    inputSize: 96,
    classes: 3,
    priors,
  });
  expect(shape).toEqual([1, 9, 4, 10]);
  const at = (cell: number, box: number) => Array.from(data.slice((cell * 4 + box) * 10, (cell * 4 + box + 1) * 10));
  // Cell column 1, row 2.
  expect(at(7, 1)).toBeAllClose([
    0.25,
    0.1875,
    Math.log(58 / 60),
    Math.log(58 / 60),
    1,
    1,
    2 - (58 * 58) / 9216,
    0,
    0,
    1,
  ]);
  expect(at(7, 2).slice(4, 6)).toEqual([0, 0]); // IoU 58·58/5400 > 0.5: ignored
  expect(at(7, 0).slice(4, 6)).toEqual([0, 1]);
  expect(data.filter((value, i) => i % 10 === 4 && value === 1)).toHaveLength(1);
});

test('the compiled step learns a batch by heart, and takes the same first step as tfjs', async () => {
  const batch = pretrainingBatch({ inputSize: 96, classes: 3, boxes: priors.length + 1 }, 4);
  const loss = pretrainingLoss((scope, images) => pretrainingHead(scope, images, detector));
  const options = { loss, batch, values: initializeParameters(detector.parameters, 1), maxGradientNorm: 10 };
  const step = createTrainStep(options);
  const images = hostTensor(
    Uint8Array.from(uniform('images', 4 * 96 * 96 * 3), (u) => 127 + 127 * u),
    [4, 96, 96, 3],
  );
  const objects = [0, 1, 2, 3].map((i) => [{ box: [20 + 16 * i, 30, 30 + 10 * i, 40] as const, category: i % 3 }]);
  const targets = detectionTargets(objects as never, { stride: 32, inputSize: 96, classes: 3, priors });
  const feeds = { images, targets, learningRate: hostTensor(Float32Array.of(2e-3), []) };
  const compile = { name: 'pretrain', inputs: step.inputs, constants: step.constants, state: step.state };
  const losses: Record<string, number[]> = {};
  for (const [name, steps] of [
    ['compiled', 30],
    ['cpu', 2],
  ] as const) {
    const engine = await createEngine({ engine: name, lowerings: [deformConv2dLowering] });
    const executable = await engine.compileStateful(step.program, compile);
    losses[name] = [];
    for (let i = 0; i < steps; i++) losses[name].push((await executable.step(feeds)).loss?.data[0] as number);
    await engine.dispose();
  }
  const [compiled, cpu] = [losses.compiled as number[], losses.cpu as number[]];
  expect(compiled.slice(0, 2)).toBeAllClose(cpu, { rtol: 1e-3, atol: 0 });
  expect(compiled.at(-1)).toBeLessThan(0.4 * (compiled[0] as number));
});
