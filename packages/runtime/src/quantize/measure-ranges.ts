import { valueInfo } from '../lower/onnx-builder.js';
import type { OnnxModel, OnnxNode } from '../lower/onnx-proto.js';
import { OnnxSession } from '../session/onnx-session.js';
import type { NamedHostTensors } from '../types.js';

/** The least and the largest number seen. */
export interface ValueRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Runs a model on samples and notes the range of some of its values.
 *
 * @returns what was seen by name; without a sample, nothing.
 */
export async function measureRanges(
  model: OnnxModel,
  names: readonly string[],
  samples: AsyncIterable<NamedHostTensors> | Iterable<NamedHostTensors>,
): Promise<ReadonlyMap<string, ValueRange>> {
  const keepdims = [{ name: 'keepdims', type: 2, i: 0 }];
  const reduce = (type: 'ReduceMin' | 'ReduceMax', name: string): OnnxNode => ({
    op_type: type,
    name: `${type} ${name}`,
    input: [name],
    output: [`${type} ${name}`],
    attribute: keepdims,
  });
  const reductions = names.flatMap((name) => [reduce('ReduceMin', name), reduce('ReduceMax', name)]);
  const scalar = { shape: [], dtype: 'float32' } as const;
  const { graph } = model;
  const watched: OnnxModel = {
    ...model,
    graph: {
      ...graph,
      node: [...graph.node, ...reductions],
      output: reductions.map(({ name }) => valueInfo(name, scalar)),
    },
  };
  const session = await OnnxSession.create(async () => watched, { provider: 'cpu' });
  const ranges = new Map<string, ValueRange>();
  try {
    for await (const sample of samples) {
      const feeds = Object.fromEntries(Object.entries(sample).map(([name, tensor]) => [name, session.tensor(tensor)]));
      const results = await session.run(feeds);
      const at = (name: string) => (results[name] as { readonly data: Float32Array }).data[0] as number;
      for (const name of names) {
        const { least, most } = ranges.get(name) ?? { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
        const range = {
          least: Math.min(least, at(`ReduceMin ${name}`)),
          most: Math.max(most, at(`ReduceMax ${name}`)),
        };
        ranges.set(name, range);
      }
    }
  } finally {
    await session.release();
  }
  return ranges;
}
