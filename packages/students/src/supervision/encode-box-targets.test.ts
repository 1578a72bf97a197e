import { computeLetterbox, xywhToXyxy } from '@refclip/structures';
import { expect, test } from 'vitest';
import { encodeBoxTargets } from './encode-box-targets.js';

const label = (width: number, height: number, box: [number, number, number, number]) => ({
  box: xywhToXyxy(box),
  letterbox: computeLetterbox(width, height, 416),
});

// Records and targets of shared/fixtures/parity/simrec-refcoco.json and labels of realgin-refcoco.json, from the official loaders' rules.
test('equals the official targets', () => {
  const { data, shape } = encodeBoxTargets([
    label(640, 480, [120.5, 90.25, 310, 240.75]),
    label(427, 640, [180.31, 260.7, 96.4, 150.2]),
    label(427, 640, [103.93, 299.99, 134.22, 177.42]),
    label(640, 480, [610.5, 3.25, 29.5, 470]),
  ]);
  expect(shape).toEqual([4, 4]);
  const expected = [
    [0.430468738, 0.454101562, 0.484375, 0.376171887],
    [0.522204697, 0.524687529, 0.15032652, 0.234687507],
    [0.4325857953521888, 0.6073437500000001, 0.2093031660961989, 0.27721875],
    [0.9769531249999999, 0.49726562499999993, 0.04609375, 0.734375],
  ];
  expect(data).toBeAllClose(expected.flat(), { rtol: 1e-7, atol: 1e-9 });
});

test('clips a box as large as the image to 0.99 of the square', () => {
  expect(encodeBoxTargets([label(640, 480, [0, 0, 640, 480])]).data).toBeAllClose([0.5, 0.5, 0.99, 0.75], {
    rtol: 1e-7,
  });
});

test('gives zeros where there is no box', () => {
  const { data } = encodeBoxTargets([{ box: null, letterbox: computeLetterbox(640, 480, 416) }]);
  expect([...data]).toEqual([0, 0, 0, 0]);
});
