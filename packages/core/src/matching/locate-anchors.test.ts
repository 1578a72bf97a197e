import { createEngine, hostTensor } from '@refclip/runtime';
import { uniform } from '@refclip/testing';
import type * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { embeddedImage, selectBestAnchor } from '../grounding/select-best-anchor.js';
import { locateAnchors } from './locate-anchors.js';

test('answers as the search over anchors one by one, compiled and on tfjs', async () => {
  const [expressions, kept, perAnchor, size] = [5, 6, 4, 7];
  const random = (name: string, shape: readonly number[]) =>
    hostTensor(
      Float32Array.from(
        uniform(
          name,
          shape.reduce((product, d) => product * d, 1),
        ),
        (u) => 2 * u - 1,
      ),
      shape,
    );
  const inputs = {
    anchors: random('anchors', [expressions, kept, size]),
    boxes: random('boxes', [expressions, kept, perAnchor, 6]),
    texts: random('texts', [expressions, size]),
  };
  for (const name of ['compiled', 'cpu'] as const) {
    const engine = await createEngine({ engine: name });
    const program = await engine.compile(
      ({ anchors, boxes, texts }) => ({
        ...locateAnchors(anchors as tf.Tensor3D, boxes as tf.Tensor4D, texts as tf.Tensor2D),
      }),
      { name: 'locate', inputs },
    );
    const { boxes, scores, confidences } = await program.run(inputs);
    for (let row = 0; row < expressions; row++) {
      const item = (key: 'anchors' | 'boxes', length: number) =>
        inputs[key].data.slice(row * length, (row + 1) * length);
      const image = embeddedImage({
        anchors: hostTensor(item('anchors', kept * size), [kept, size]),
        boxes: hostTensor(item('boxes', kept * perAnchor * 6), [kept, perAnchor, 6]),
      });
      const text = (inputs.texts.data as Float32Array).slice(row * size, (row + 1) * size);
      const expected = selectBestAnchor(image, text);
      expect(boxes?.data.slice(4 * row, 4 * row + 4)).toBeAllClose([...expected.box], { rtol: 1e-5, atol: 1e-6 });
      expect(scores?.data[row]).toBeCloseTo(expected.score, 5);
      expect(confidences?.data[row]).toBeCloseTo(expected.confidence, 5);
    }
    await engine.dispose();
  }
});
