/**
 * Central differences of a scalar function: `(f(x + h·e_i) − f(x − h·e_i)) / 2h` for every element i.
 *
 * @param f  scalar function of a vector; called with a fresh array each time.
 * @param x  where the gradient is taken.
 * @param h  step, default 1e-3 (sensible for a float32 function of values near 1).
 */
export function finiteDifferences(f: (x: Float32Array) => number, x: Float32Array, h = 1e-3): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const at = (delta: number): [number, number] => {
      const moved = x.slice();
      moved[i] = value + delta;
      return [f(moved), moved[i] as number];
    };
    const [above, xAbove] = at(h);
    const [below, xBelow] = at(-h);
    // Divide by the step that float32 really took.
    return (above - below) / (xAbove - xBelow);
  });
}
