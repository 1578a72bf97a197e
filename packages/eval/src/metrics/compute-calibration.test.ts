import { ConfigError, ShapeError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { computeCalibration } from './compute-calibration.js';

const u = mulberry32(5, 2000);
const confidences = Array.from({ length: 1000 }, (_, i) => (i % 50 === 0 ? 1 : Math.round(u[i]! * 40) / 40));
const correct = confidences.map((confidence, i) => u[1000 + i]! < confidence ** 2);

it('equals filtering each bin', () => {
  const bins = 8;
  const result = computeCalibration(confidences, correct, { bins });
  let [expected, maximum] = [0, 0];
  for (let b = 0; b < bins; b++) {
    const own = confidences.flatMap((c, i) =>
      (c >= b / bins && c < (b + 1) / bins) || (b === bins - 1 && c === 1) ? [i] : [],
    );
    const accuracy = own.filter((i) => correct[i]).length / own.length;
    const confidence = own.reduce((sum, i) => sum + confidences[i]!, 0) / own.length;
    expect(result.bins[b]).toMatchObject({ low: b / bins, high: (b + 1) / bins, count: own.length, accuracy });
    expect(result.bins[b]!.confidence).toBeCloseTo(confidence, 12);
    expected += (own.length / 1000) * Math.abs(accuracy - confidence);
    maximum = Math.max(maximum, Math.abs(accuracy - confidence));
  }
  expect(result.expectedCalibrationError).toBeCloseTo(expected, 12);
  expect(result.maximumCalibrationError).toBeCloseTo(maximum, 12);
  const brier = confidences.reduce((sum, c, i) => sum + (c - Number(correct[i])) ** 2, 0) / 1000;
  expect(result.brierScore).toBeCloseTo(brier, 12);
});

it('is 0 for a confidence that is always right about itself', () => {
  const calibration = computeCalibration([1, 1, 0, 0.5, 0.5], [1, 1, 0, 1, 0]);
  expect(calibration).toMatchObject({ expectedCalibrationError: 0, maximumCalibrationError: 0 });
  expect(calibration.bins[3]!.accuracy).toBeNaN();
});

it('refuses raw scores and other lengths, and has nothing to say of nothing', () => {
  expect(() => computeCalibration([7.3], [1])).toThrowError(ConfigError);
  expect(() => computeCalibration([Number.NaN], [1])).toThrowError(ConfigError);
  expect(() => computeCalibration([0.3], [1, 0])).toThrowError(ShapeError);
  expect(computeCalibration([], []).expectedCalibrationError).toBeNaN();
});
