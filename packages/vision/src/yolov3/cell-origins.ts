import * as tf from '@tensorflow/tfjs';

/** Column and row of each cell of a map, row by row: `[cells, 2]`. */
export function cellOrigins(height: number, width: number): tf.Tensor2D {
  const origins = Float32Array.from({ length: height * width * 2 }, (_, at) => {
    const cell = Math.floor(at / 2);
    return at % 2 === 0 ? cell % width : Math.floor(cell / width);
  });
  return tf.tensor2d(origins, [height * width, 2]);
}
