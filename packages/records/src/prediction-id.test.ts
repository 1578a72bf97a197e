import { expect, it } from 'vitest';
import { parsePredictionId, predictionId } from './prediction-id.js';

it('is read back, whatever the split is called', () => {
  for (const split of ['val', 'test:A', '1']) {
    const place = { split, record: 12, expression: 0 };
    expect(parsePredictionId(predictionId(place))).toEqual(place);
  }
  for (const id of ['17', 'val:1', 'val:a:1', ':1:2', '']) expect(parsePredictionId(id)).toBeUndefined();
});
