import type { HostTensor, NamedHostTensors } from '../../src/index.js';

/** Central differences of a scalar function with respect to the named float inputs. */
export async function numericGradients(
  value: (inputs: NamedHostTensors) => Promise<number>,
  inputs: NamedHostTensors,
  names: readonly string[],
  step = 1e-2,
): Promise<Record<string, Float64Array>> {
  const result: Record<string, Float64Array> = {};
  for (const name of names) {
    const { data, shape, dtype } = inputs[name] as HostTensor;
    const gradient = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const moved = async (delta: number): Promise<[number, number]> => {
        const changed = Float32Array.from(data);
        changed[i] = (data[i] as number) + delta;
        return [await value({ ...inputs, [name]: { data: changed, shape, dtype } }), changed[i] as number];
      };
      const [above, xAbove] = await moved(step);
      const [below, xBelow] = await moved(-step);
      gradient[i] = (above - below) / (xAbove - xBelow);
    }
    result[name] = gradient;
  }
  return result;
}
