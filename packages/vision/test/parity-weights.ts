import { fnv1a, mulberry32 } from '@refclip/testing';

/**
 * Tensors generated from their names, as the parity fixtures define them: float32, in the layout of files.
 *
 * @param shapes  shape by official name, without `prefix`.
 * @param prefix  put before a name when its numbers are drawn.
 */
export function parityWeights(
  shapes: Readonly<Record<string, readonly number[]>>,
  prefix = 'visual_encoder.',
): Readonly<Record<string, { shape: readonly number[]; dtype: 'float32'; data: Float32Array }>> {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const data = Float32Array.from(mulberry32(fnv1a(prefix + name), size), rule(prefix + name, shape));
    return [name, { shape, dtype: 'float32' as const, data }];
  });
  return Object.fromEntries(tensors);
}

function rule(name: string, shape: readonly number[]): (u: number) => number {
  if (name.endsWith('.num_batches_tracked')) return () => 0;
  if (name.endsWith('.running_var')) return (u) => 0.75 + 0.5 * u;
  if (name.endsWith('.running_mean')) return (u) => 0.2 * (u - 0.5);
  if (name.endsWith('batch_norm.weight')) return (u) => 0.9 + 0.2 * u;
  if (shape.length === 1) return (u) => 0.2 * (u - 0.5);
  const fanIn = shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  const gain = name.includes('.module_list.') && name.endsWith('.1.conv.weight') ? 0.4 : 1.35;
  return (u) => (2 * u - 1) * Math.sqrt(3 / fanIn) * gain;
}
